/*
 * Pointers to what a lock guards, got while it is held: what becomes of them
 * when it is given back, or when the task is suspended without it. A pointer
 * that is used up before (handed to a call, which may count a reference;
 * written through, which may claim the object; taken out of where it was
 * found) is followed no further: whoever does that knows what for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/access.h"
#include "engine/carry.h"
#include "engine/info.h"
#include "ir/ir_print.h"

static bool mentions(const struct flow *flow, ir_id id,
                     const struct carried *carried)
{
    const struct ir_expr *expr = flow_expr(flow, id);

    return carry_is(flow, id, carried) ||
           (ir_expr_has_first(expr) && mentions(flow, expr->a, carried)) ||
           (ir_expr_has_second(expr) && mentions(flow, expr->b, carried));
}

/* Whether the value is the pointer, or points into what it points to. */
static bool hands_out(const struct flow *flow, ir_id id,
                      const struct carried *carried)
{
    const struct ir_expr *expr = flow_expr(flow, id);

    if (carry_is(flow, id, carried))
        return true;
    if (expr->kind == IR_EXPR_ADDR)
        return mentions(flow, expr->a, carried);
    return expr->kind == IR_EXPR_BINARY && (hands_out(flow, expr->a, carried) ||
                                            hands_out(flow, expr->b, carried));
}

/* ---- where it is found */

/* The field or global in which the pointer was found, or which it points
 * into; 0: none that others can see. */
static thing_id found_in(struct flow *flow, node_id value)
{
    const struct values *values = &flow->values;
    const struct node *node = node_get(values, value);
    thing_id thing = 0;
    bool is_address;
    node_id place;

    /* `container_of`, or the next element. */
    while (node->kind == VALUE_OPER &&
           node_get(values, node->b)->kind == VALUE_CONST)
        node = node_get(values, node->a);
    is_address = node->kind == VALUE_ADDR;
    place = node->a;
    if ((!is_address && node->kind != VALUE_INIT) ||
        !place_is_shared(values, place))
        return 0;
    for (node = node_get(values, place);
         node->kind == NODE_FIELD || node->kind == NODE_INDEX;
         node = node_get(values, node->a)) {
        if (node->kind == NODE_FIELD && !(node->b & HIDDEN) &&
            (is_address || !thing))
            thing = access_field(flow, node->b);
    }
    if (node->kind == NODE_GLOBAL && node->a < flow->fn->unit->symbols.count &&
        (is_address || !thing))
        thing = access_global(flow, node->a);
    return thing;
}

/* A variable, or a field of one that nobody else knows of. */
static bool is_local_pointer(const struct flow *flow, ir_id id)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *target = flow_expr(flow, id);
    const struct ir_expr *whole = target;

    while (whole->kind == IR_EXPR_FIELD)
        whole = flow_expr(flow, whole->a);
    return whole->kind == IR_EXPR_VAR &&
           !(whole != target &&
             flow->escapes[whole->var - flow->fn->ir->first_var]) &&
           ir_type_is_pointer(unit, target->type);
}

static const char *expr_name(const struct flow *flow, ir_id id)
{
    const struct ir_expr *expr = flow_expr(flow, id);

    return ir_expr_text(flow->fn->unit, flow->fn->ir,
                        expr->kind == IR_EXPR_ADDR ? expr->a : id,
                        flow->program->arena);
}

static void found_add(struct flow *flow, struct state *state, ir_id at,
                      thing_id thing)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];

    for (uint32_t i = 0; i < state->held.count; i++) {
        const struct held_lock *held = &state->held.items[i];
        struct carried carried = {
            .place = eval_place(flow, state, op->a),
            .source = at,
            .acquired = held->acquired,
            .slot = held->slot,
            .what = thing,
            .from = expr_name(flow, op->b),
            .kind = CARRIED_GUARDED,
        };

        if (held->depth && !held->may)
            carry_add(flow->arena, state, carried);
    }
}

/* ---- where it is used up */

static bool is_used_up(const struct flow *flow, const struct ir_op *op,
                       const struct carried *carried)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *target = flow_expr(flow, op->a);
    bool is_local = target->kind == IR_EXPR_VAR;

    for (uint32_t i = 0; i < op->args.count; i++)
        if (hands_out(flow, ir_list_at(unit, op->args, i), carried))
            return true;
    if (op->kind != IR_ASSIGN)
        return false;
    if (target->kind == IR_EXPR_FIELD &&
        access_field(flow, target->field) == carried->what)
        return true;
    if (target->kind == IR_EXPR_GLOBAL &&
        access_global(flow, target->symbol) == carried->what)
        return true;
    return !is_local &&
           (mentions(flow, op->a, carried) || mentions(flow, op->b, carried));
}

/* ---- where it ends */

static bool is_held(const struct state *state, const struct carried *carried)
{
    for (uint32_t i = 0; i < state->held.count; i++)
        if (state->held.items[i].acquired == carried->acquired &&
            state->held.items[i].slot == carried->slot &&
            state->held.items[i].depth)
            return true;
    return false;
}

/* The same lock, or another of its class, taken again. */
static bool is_class_held(const struct flow *flow, const struct state *state,
                          const struct carried *carried)
{
    const char *class = info_get(flow, carried->acquired, carried->slot)->class;

    for (uint32_t i = 0; i < state->held.count; i++) {
        const struct held_lock *held = &state->held.items[i];

        if (held->depth && !strcmp(info_of(flow, held)->class, class))
            return true;
    }
    return false;
}

void escape_wait(struct step *step, const struct state *waiting)
{
    struct state *state = step->state;

    for (uint32_t i = 0; i < state->carried.count; i++) {
        struct carried *carried = &state->carried.items[i];

        if (carried->kind != CARRIED_GUARDED ||
            is_class_held(step->flow, waiting, carried))
            continue;
        carried->left = step->op;
        carried->is_stale = true;
    }
}

void escape_settle(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];

    for (uint32_t i = state->carried.count; i > 0; i--) {
        struct carried *carried = &state->carried.items[i - 1];

        if (carried->kind != CARRIED_GUARDED || carried->left ||
            carried->source == at)
            continue;
        if (!is_held(state, carried))
            carried->left = at;
        else if (is_used_up(flow, op, carried))
            carry_remove(state, i - 1);
    }
}

void escape_assign(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    thing_id thing;

    if (!state->held.count || !is_local_pointer(flow, op->a))
        return;
    thing = found_in(flow, eval_value(flow, state, op->b));
    if (thing)
        found_add(flow, state, at, thing);
}

/* ---- where it is used */

struct search {
    const struct flow *flow;
    const struct carried *carried;
    ir_id used; /* the field that is used through it */
    bool is_found;
};

/* Whether memory is read or written through the pointer. */
static void search_in(struct search *search, ir_id id, ir_id field)
{
    const struct ir_expr *expr = flow_expr(search->flow, id);

    if (expr->kind == IR_EXPR_DEREF &&
        hands_out(search->flow, expr->a, search->carried)) {
        search->is_found = true;
        search->used = field;
        return;
    }
    /* `&pointer->field` is only calculated. */
    if (expr->kind == IR_EXPR_ADDR)
        return;
    if (ir_expr_has_first(expr))
        search_in(search, expr->a,
                  expr->kind == IR_EXPR_FIELD ? expr->field : 0);
    if (ir_expr_has_second(expr))
        search_in(search, expr->b, 0);
}

/* The first field that a function reads or writes through a parameter. */
static ir_id field_through(const struct fn *fn, uint32_t param)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        ir_id places[] = {op->a, op->kind == IR_ASSIGN ? op->b : 0};

        if (op->kind != IR_ASSIGN && op->kind != IR_BRANCH &&
            op->kind != IR_RETURN && op->kind != IR_EVAL)
            continue;
        for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
            const struct ir_expr *field = &unit->exprs.items[places[k]];
            const struct ir_expr *of = &unit->exprs.items[field->a];

            if (field->kind == IR_EXPR_FIELD && of->kind == IR_EXPR_DEREF &&
                ir_is_var(unit, of->a, fn->ir->first_var + param))
                return field->field;
        }
    }
    return 0;
}

/* Handed to a function of the same file that looks behind it. */
static void search_callee(struct search *search, const struct ir_op *op)
{
    const struct fn *fn = search->flow->fn;
    ir_id at = (ir_id)(op - fn->unit->ops.items);
    const struct callee *callee = &site_at(search->flow, at)->callee;

    for (uint32_t i = 0;
         callee->body && !callee->meaning && callee->body->unit == fn->unit &&
         i < op->args.count && i < callee->body->ir->param_count;
         i++) {
        ir_id arg = ir_list_at(fn->unit, op->args, i);
        ir_id field = carry_is(search->flow, arg, search->carried)
                          ? field_through(callee->body, i)
                          : 0;

        if (field) {
            search->is_found = true;
            search->used = field;
        }
    }
}

static bool is_through(struct search *search, const struct ir_op *op)
{
    const struct ir_unit *unit = search->flow->fn->unit;

    for (uint32_t i = 0; i < op->args.count; i++)
        search_in(search, ir_list_at(unit, op->args, i), 0);
    if (op->kind == IR_CALL)
        search_callee(search, op);
    search_in(search, ir_op_value(op), 0);
    if (op->kind == IR_ASSIGN)
        search_in(search, op->a, 0);
    return search->is_found;
}

void escape_use(struct flow *flow, const struct state *state, ir_id at,
                const struct carried *carried)
{
    struct search search = {flow, carried, 0, false};
    bool is_held_again = is_class_held(flow, state, carried);
    struct event *event;

    if ((is_held_again && !carried->is_stale) ||
        !is_through(&search, &flow->fn->unit->ops.items[at]))
        return;
    event = record_event(flow, state, EVENT_STALE, at, NULL);
    if (event->stale.source)
        return;
    event->stale = (struct stale){
        .kind = CARRIED_GUARDED,
        .source = carried->source,
        .left = carried->left,
        .name = carry_name(flow, carried),
        .from = carried->from,
        .lock = *info_get(flow, carried->acquired, carried->slot),
        .what = carried->what,
        .used = search.used ? access_field(flow, search.used) : 0,
        .is_held = is_held_again,
    };
}
