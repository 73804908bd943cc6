/*
 * What a variable was given while something held that has ended since: it
 * belongs to the thread that the task ran on before it was suspended, or it
 * points to what a lock guarded that was held then. Told by variables, not by
 * values: the same value, got anew, is good again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/carry.h"

#include "engine/bound.h"

#include "ir/ir_same.h"

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

ir_id carry_field(const struct flow *flow, const struct carried *carried)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *source = &unit->ops.items[carried->source];
    bool is_assigned =
        source->kind == IR_ASSIGN &&
        (carried->kind == CARRIED_THREAD || carried->kind == CARRIED_GUARDED);

    return is_assigned && unit->exprs.items[source->a].kind == IR_EXPR_FIELD
               ? source->a
               : 0;
}

bool carry_is(const struct flow *flow, ir_id id, const struct carried *carried)
{
    const struct ir_expr *expr = &flow->fn->unit->exprs.items[id];
    const struct node *node = node_get(&flow->values, carried->place);
    ir_id field = carry_field(flow, carried);

    if (expr->kind == IR_EXPR_FIELD)
        return field && ir_expr_is_same(flow->fn->unit, id, field);
    return expr->kind == IR_EXPR_VAR && node->kind == NODE_VAR &&
           node->a == expr->var;
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
        ir_id field = carry_field(flow, &state->carried.items[i - 1]);

        if (field && mentions(unit, field, expr))
            carry_remove(state, i - 1);
    }
}

static bool is_in_variable(const struct ir_unit *unit, ir_id place)
{
    while (unit->exprs.items[place].kind == IR_EXPR_FIELD)
        place = unit->exprs.items[place].a;
    return unit->exprs.items[place].kind == IR_EXPR_VAR;
}

/* Pointers to what belongs to the thread; who a thread is, a field may say
 * for ever, unless it is a variable's. */
static void field_assign(struct flow *flow, struct state *state, ir_id at,
                         node_id value)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    struct carried carried = {.source = at, .kind = CARRIED_THREAD};
    bool is_address =
        ir_type_is_pointer(flow->fn->unit, unit->exprs.items[op->a].type);

    if (is_address || is_in_variable(unit, op->a))
        carried.from = bound_from(flow, value, is_address);
    if (carried.from)
        carried.place = eval_place(flow, state, op->a);
    if (carried.place)
        carry_add(flow->arena, state, carried);
    else
        escape_assign(flow, state, at);
}

/* `*out = &scratch`: our caller's variable holds it from now on. */
static void parameter_assign(struct flow *flow, const struct ir_op *op,
                             node_id value)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *target = &unit->exprs.items[op->a];
    const struct ir_expr *out = &unit->exprs.items[target->a];
    uint32_t param = out->var - flow->fn->ir->first_var;

    if (out->kind == IR_EXPR_VAR && param < flow->fn->ir->param_count &&
        param < MOST_PARAMS &&
        bound_from(flow, value,
                   ir_type_is_pointer(flow->fn->unit, target->type)))
        flow->fn->summary.binds |= (uint16_t)(1u << param);
}

void carry_assign(struct flow *flow, struct state *state, ir_id at,
                  node_id value)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    const struct ir_expr *target = &unit->exprs.items[op->a];
    struct carried carried = {.source = at, .kind = CARRIED_THREAD};

    if (target->kind == IR_EXPR_DEREF && bound_is_error(flow, target->a))
        error_set(flow, state, at, "errno = …");
    fields_forget(flow, state, op->a);
    if (target->kind == IR_EXPR_DEREF)
        parameter_assign(flow, op, value);
    if (target->kind == IR_EXPR_FIELD)
        field_assign(flow, state, at, value);
    if (target->kind != IR_EXPR_VAR)
        return;
    carried.place = value_make(&flow->values, NODE_VAR, target->var, 0);
    if (!ir_is_var(unit, op->b, target->var))
        carry_forget(state, carried.place);
    if (copy_follow(flow, state, carried.place, op->b))
        return;
    carried.from = bound_from(flow, value,
                              ir_type_is_pointer(flow->fn->unit, target->type));
    if (carried.from)
        carry_add(flow->arena, state, carried);
    else
        escape_assign(flow, state, at);
}

/* Who is handed a variable's address may write there; and may put there what
 * belongs to the thread. */
static void argument_settle(struct step *step, uint32_t arg)
{
    struct flow *flow = step->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct callee *callee = &step->site->callee;
    ir_id id = ir_list_at(unit, step->site->args, arg);
    const struct ir_expr *expr = &unit->exprs.items[id];
    struct carried carried = {
        .source = step->op, .from = callee->name, .kind = CARRIED_THREAD};

    fields_forget(flow, step->state, id);
    if (expr->kind != IR_EXPR_ADDR ||
        unit->exprs.items[expr->a].kind != IR_EXPR_VAR)
        return;
    carried.place =
        value_make(&flow->values, NODE_VAR, unit->exprs.items[expr->a].var, 0);
    carry_forget(step->state, carried.place);
    if (!callee->meaning && callee->body && arg < MOST_PARAMS &&
        callee->body->summary.binds & 1u << arg)
        carry_add(flow->arena, step->state, carried);
}

/* Whoever looks at a call's result wants to know its error. */
void carry_call(struct step *step)
{
    struct flow *flow = step->flow;
    const struct callee *callee = &step->site->callee;

    for (uint32_t i = 0; i < step->site->args.count; i++)
        argument_settle(step, i);
    if (!flow->follows_threads || !callee->is_call || !step->is_result_used ||
        answer_can_be(callee_suspends(callee)) ||
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

void carry_exit(struct flow *flow, const struct state *state, ir_id op)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id expr = unit->ops.items[op].a;

    if (expr &&
        bound_from(flow, eval_value(flow, state, expr),
                   ir_type_is_pointer(unit, unit->exprs.items[expr].type)))
        flow->fn->summary.returns_bound = true;
}
