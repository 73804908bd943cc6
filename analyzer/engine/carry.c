/*
 * What a variable was given while something held that has ended since: it
 * belongs to the thread that the task ran on before it was suspended, or it
 * points to what a lock guarded that was held then. Told by variables, not by
 * values: the same value, got anew, is good again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/carry.h"

#include "ir/ir_print.h"
#include "ir/ir_same.h"

/* ---- where it comes from */

static const struct site *site_of(const struct flow *flow, ir_id op)
{
    return &flow->sites[op - flow->fn->ir->first_op];
}

static bool is_error_pointer(const struct flow *flow, ir_id expr)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];
    const struct meaning *meaning;

    if (found->kind != IR_EXPR_TEMP)
        return false;
    meaning = site_of(flow, found->op)->callee.meaning;
    return meaning && meaning->is_last_error;
}

static const char *thread_local_name(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);
    const struct ir_symbol *symbol;

    while (node->kind == NODE_FIELD || node->kind == NODE_INDEX)
        node = node_get(&flow->values, node->a);
    if (node->kind != NODE_GLOBAL || node->a >= flow->fn->unit->symbols.count)
        return NULL;
    symbol = &flow->fn->unit->symbols.items[node->a];
    return symbol->flags & IR_SYMBOL_THREAD_LOCAL
               ? ir_text(flow->fn->unit, symbol->name)
               : NULL;
}

/* Whom the call asks whose result this is, or NULL. */
static const struct callee *result_callee(const struct flow *flow,
                                          const struct node *node)
{
    const struct ir_fn *ir = flow->fn->ir;

    if (node->kind != VALUE_RESULT || node->b ||
        node->a - ir->first_op >= ir->op_count ||
        flow->fn->unit->ops.items[node->a].kind != IR_CALL)
        return NULL;
    return &site_of(flow, node->a)->callee;
}

/* What a call returns, if that belongs to the thread. */
static const char *bound_result(const struct flow *flow,
                                const struct node *node)
{
    const struct callee *callee = result_callee(flow, node);

    if (!callee)
        return NULL;
    if (callee->meaning ? callee->meaning->is_thread_affine
                        : callee->body && callee->body->summary.returns_bound)
        return callee->name;
    return NULL;
}

/* What the value was got from that belongs to the thread, or NULL. A copy of
 * what a thread-local variable holds is a value like any other, except for
 * pointers. */
static const char *bound_from(struct flow *flow, node_id value, bool is_pointer)
{
    const struct node *node = node_get(&flow->values, value);
    const char *from;

    switch ((enum node_kind)node->kind) {
    case VALUE_RESULT:
        return bound_result(flow, node);
    case VALUE_ADDR:
        return thread_local_name(flow, node->a);
    case VALUE_INIT:
        return is_pointer ? thread_local_name(flow, node->a) : NULL;
    case VALUE_OPER:
        if (!is_pointer)
            return NULL;
        from = bound_from(flow, node->a, true);
        return from ? from : bound_from(flow, node->b, true);
    default:
        return NULL;
    }
}

/* An await does no harm to what is the task's own. */
const char *carry_bound_from(struct flow *flow, node_id value)
{
    const struct callee *callee =
        result_callee(flow, node_get(&flow->values, value));

    if (callee && callee->meaning && callee->meaning->is_not_send)
        return callee->name;
    return bound_from(flow, value, true);
}

static bool is_pointer(const struct flow *flow, ir_id type)
{
    return ir_type_strip(flow->fn->unit, type)->kind == IR_TYPE_POINTER;
}

/* ---- what is stored */

static node_id errno_place(struct flow *flow)
{
    if (!flow->error_place)
        flow->error_place = place_global(flow, "errno");
    return flow->error_place;
}

/* The error that the last call has left, if it is ever asked for. */
static void error_set(struct flow *flow, struct state *state, ir_id op,
                      const char *from)
{
    struct carried carried = {
        .place = errno_place(flow),
        .source = op,
        .from = from,
        .kind = CARRIED_ERRNO,
    };

    carry_forget(state, carried.place);
    carry_add(flow->arena, state, carried);
}

/* `copy = original`: the copy is what the original is. */
static bool copy_follow(struct flow *flow, struct state *state, node_id place,
                        ir_id expr)
{
    const struct ir_expr *found = &flow->fn->unit->exprs.items[expr];
    node_id original;
    bool is_copied = false;

    if (found->kind != IR_EXPR_VAR)
        return false;
    original = value_make(&flow->values, NODE_VAR, found->var, 0);
    for (uint32_t i = 0; i < state->carried.count; i++) {
        struct carried copy = state->carried.items[i];

        if (copy.place != original)
            continue;
        copy.place = place;
        is_copied = true;
        carry_add(flow->arena, state, copy);
    }
    return is_copied;
}

/* ---- in a field: known by how it is written */

/* The field that was given it, or 0: it was a variable. */
static ir_id field_of(const struct flow *flow, const struct carried *carried)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id target = unit->ops.items[carried->source].a;

    return carried->kind == CARRIED_THREAD &&
                   unit->exprs.items[target].kind == IR_EXPR_FIELD
               ? target
               : 0;
}

static bool mentions(const struct ir_unit *unit, ir_id whole, ir_id part)
{
    const struct ir_expr *expr = &unit->exprs.items[whole];

    return ir_expr_is_same(unit, whole, part) ||
           (ir_expr_has_first(expr) && mentions(unit, expr->a, part)) ||
           (ir_expr_has_second(expr) && mentions(unit, expr->b, part));
}

/* What leads to the field is written, or handed to who may write there. */
static void fields_forget(const struct flow *flow, struct state *state,
                          ir_id expr)
{
    const struct ir_unit *unit = flow->fn->unit;

    if (unit->exprs.items[expr].kind == IR_EXPR_ADDR)
        expr = unit->exprs.items[expr].a;
    for (uint32_t i = state->carried.count; i > 0; i--) {
        ir_id field = field_of(flow, &state->carried.items[i - 1]);

        if (field && mentions(unit, field, expr))
            carry_remove(state, i - 1);
    }
}

/* Pointers to what belongs to the thread; who a thread is, a field may say
 * for ever. */
static void field_assign(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    struct carried carried = {.source = at, .kind = CARRIED_THREAD};

    carried.place = eval_place(flow, state, op->a);
    if (is_pointer(flow, flow->fn->unit->exprs.items[op->a].type))
        carried.from = bound_from(flow, eval_value(flow, state, op->b), true);
    if (carried.from && carried.place)
        carry_add(flow->arena, state, carried);
}

void carry_assign(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    const struct ir_expr *target = &unit->exprs.items[op->a];
    struct carried carried = {.source = at, .kind = CARRIED_THREAD};
    node_id value;

    if (target->kind == IR_EXPR_DEREF && is_error_pointer(flow, target->a))
        error_set(flow, state, at, "errno = …");
    fields_forget(flow, state, op->a);
    if (target->kind == IR_EXPR_FIELD)
        field_assign(flow, state, at);
    if (target->kind != IR_EXPR_VAR)
        return;
    carried.place = value_make(&flow->values, NODE_VAR, target->var, 0);
    value = eval_value(flow, state, op->b);
    if (!(unit->exprs.items[op->b].kind == IR_EXPR_VAR &&
          unit->exprs.items[op->b].var == target->var))
        carry_forget(state, carried.place);
    if (copy_follow(flow, state, carried.place, op->b))
        return;
    carried.from = bound_from(flow, value, is_pointer(flow, target->type));
    if (carried.from)
        carry_add(flow->arena, state, carried);
    else
        escape_assign(flow, state, at);
}

/* Whoever looks at a call's result wants to know its error. */
void carry_call(struct step *step)
{
    struct flow *flow = step->flow;
    const struct callee *callee = &step->site->callee;

    for (uint32_t i = 0; i < step->site->args.count; i++)
        fields_forget(flow, step->state,
                      flow->fn->unit->lists.items[step->site->args.first + i]);
    if (!flow->follows_threads || !callee->is_call || !step->is_result_used ||
        callee_suspends(callee) == ANSWER_MAY ||
        callee_suspends(callee) == ANSWER_MUST ||
        (callee->meaning &&
         (callee->meaning->is_last_error || callee->meaning->is_thread_affine)))
        return;
    error_set(flow, step->state, step->op, callee->name);
}

/* ---- where it ends */

/* Whether the error that is asked for next may be the suspending call's own:
 * somebody looks at its result, and it does not say by that what failed. */
static bool leaves_error(const struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;

    return step->is_result_used && !(meaning && meaning->pack->returns_errors);
}

void carry_wait(struct step *step, const struct state *waiting)
{
    struct state *state = step->state;

    if (waiting->whereabouts == WHERE_OUTSIDE)
        return;
    escape_wait(step, waiting);
    if (leaves_error(step))
        carry_forget(state, errno_place(step->flow));
    for (uint32_t i = 0; i < state->carried.count; i++) {
        struct carried *carried = &state->carried.items[i];

        if (carried->kind != CARRIED_GUARDED && !carried->left)
            carried->left = step->op;
    }
}

/* ---- where it is used */

static bool reads_error(const struct flow *flow, ir_id expr)
{
    const struct ir_expr *found = &flow->fn->unit->exprs.items[expr];

    return found->kind == IR_EXPR_DEREF && is_error_pointer(flow, found->a);
}

static bool is_carried_var(const struct flow *flow, const struct ir_expr *expr,
                           const struct carried *carried)
{
    return expr->kind == IR_EXPR_VAR &&
           node_get(&flow->values, carried->place)->kind == NODE_VAR &&
           node_get(&flow->values, carried->place)->a == expr->var;
}

/* Whether evaluating the expression uses what is carried. */
static bool is_used_in(const struct flow *flow, ir_id id,
                       const struct carried *carried)
{
    const struct ir_expr *expr = &flow->fn->unit->exprs.items[id];

    if (carried->kind == CARRIED_ERRNO && reads_error(flow, id))
        return true;
    if (carried->kind == CARRIED_THREAD &&
        (is_carried_var(flow, expr, carried) ||
         (field_of(flow, carried) &&
          ir_expr_is_same(flow->fn->unit, id, field_of(flow, carried)))))
        return true;
    return (ir_expr_has_first(expr) && is_used_in(flow, expr->a, carried)) ||
           (ir_expr_has_second(expr) && is_used_in(flow, expr->b, carried));
}

/* The place that is written is not read, but what leads there is. */
static bool is_used_in_target(const struct flow *flow, ir_id id,
                              const struct carried *carried)
{
    const struct ir_expr *expr = &flow->fn->unit->exprs.items[id];

    if (expr->kind == IR_EXPR_VAR || reads_error(flow, id) ||
        (field_of(flow, carried) &&
         ir_expr_is_same(flow->fn->unit, id, field_of(flow, carried))))
        return false;
    return is_used_in(flow, id, carried);
}

/* Two threads are compared: to find out whether it is another one now. */
static bool compares_threads(const struct flow *flow, const struct ir_op *op)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[op->a];
    int bound = 0;

    for (uint32_t i = 0; op->kind == IR_CALL && i < op->args.count; i++) {
        const struct ir_expr *arg =
            &unit->exprs.items[unit->lists.items[op->args.first + i]];
        const struct node result = {.kind = VALUE_RESULT, .a = arg->op};

        bound += arg->kind == IR_EXPR_TEMP && bound_result(flow, &result);
    }
    while (expr->kind == IR_EXPR_UNARY)
        expr = &unit->exprs.items[expr->a];
    if (op->kind != IR_CALL && expr->kind == IR_EXPR_BINARY &&
        (expr->operator== IR_EQ || expr->operator== IR_NE)) {
        const struct node one = {.kind = VALUE_RESULT,
                                 .a = unit->exprs.items[expr->a].op};
        const struct node two = {.kind = VALUE_RESULT,
                                 .a = unit->exprs.items[expr->b].op};

        bound += unit->exprs.items[expr->a].kind == IR_EXPR_TEMP &&
                 bound_result(flow, &one);
        bound += unit->exprs.items[expr->b].kind == IR_EXPR_TEMP &&
                 bound_result(flow, &two);
    }
    return bound > 0;
}

static bool is_used_by(const struct flow *flow, const struct ir_op *op,
                       const struct carried *carried)
{
    const struct ir_unit *unit = flow->fn->unit;

    for (uint32_t i = 0; i < op->args.count; i++)
        if (is_used_in(flow, unit->lists.items[op->args.first + i], carried))
            return true;
    switch ((enum ir_op_kind)op->kind) {
    case IR_ASSIGN:
        return is_used_in(flow, op->b, carried) ||
               is_used_in_target(flow, op->a, carried);
    case IR_CALL:
    case IR_EVAL:
    case IR_BRANCH:
    case IR_SWITCH:
    case IR_RETURN:
        return is_used_in(flow, op->a, carried);
    default:
        return false;
    }
}

const char *carry_name(const struct flow *flow, const struct carried *carried)
{
    const struct node *node = node_get(&flow->values, carried->place);
    ir_id field = field_of(flow, carried);
    struct strbuf text = {.arena = flow->program->arena};

    if (field) {
        ir_expr_write(flow->fn->unit, flow->fn->ir, field, &text);
        return strbuf_text(&text);
    }
    return node->kind == NODE_VAR
               ? ir_text(flow->fn->unit,
                         flow->fn->unit->vars.items[node->a].name)
               : "errno";
}

static void use_record(struct flow *flow, const struct state *state, ir_id op,
                       const struct carried *carried)
{
    struct event *event = record_event(flow, state, EVENT_STALE, op, NULL);

    if (event->states > 1)
        return;
    event->stale = (struct stale){
        .kind = carried->kind,
        .source = carried->source,
        .left = carried->left,
        .name = carry_name(flow, carried),
        .from = carried->from,
    };
}

void carry_use(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_op *op = &flow->fn->unit->ops.items[at];

    for (uint32_t i = 0; flow->is_recording && i < state->carried.count; i++) {
        const struct carried *carried = &state->carried.items[i];

        if (carried->left && carried->kind == CARRIED_GUARDED)
            escape_use(flow, state, at, carried);
        else if (carried->left && is_used_by(flow, op, carried) &&
                 !(carried->kind == CARRIED_THREAD &&
                   compares_threads(flow, op)))
            use_record(flow, state, at, carried);
    }
}

void carry_exit(struct flow *flow, const struct state *state, ir_id op)
{
    ir_id expr = flow->fn->unit->ops.items[op].a;

    if (expr &&
        bound_from(flow, eval_value(flow, state, expr),
                   is_pointer(flow, flow->fn->unit->exprs.items[expr].type)))
        flow->fn->summary.returns_bound = true;
}
