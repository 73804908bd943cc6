/*
 * Where something is used that a variable carries past the end of what it was
 * got under, see carry.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/bound.h"
#include "engine/carry.h"
#include "engine/late.h"
#include "ir/ir_print.h"

static bool reads_error(const struct flow *flow, ir_id expr)
{
    const struct ir_expr *found = &flow->fn->unit->exprs.items[expr];

    return found->kind == IR_EXPR_DEREF && bound_is_error(flow, found->a);
}

/* Whether evaluating the expression uses what is carried. */
static bool is_used_in(const struct flow *flow, ir_id id,
                       const struct carried *carried)
{
    const struct ir_expr *expr = &flow->fn->unit->exprs.items[id];

    if (carried->kind == CARRIED_ERRNO && reads_error(flow, id))
        return true;
    if (carried->kind == CARRIED_THREAD && carry_is(flow, id, carried))
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
        carry_is(flow, id, carried))
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
            &unit->exprs.items[ir_list_at(unit, op->args, i)];
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
    const struct meaning *meaning =
        site_at(flow, (ir_id)(op - unit->ops.items))->callee.meaning;

    if (carried->kind == CARRIED_ERRNO && meaning && meaning->reads_error)
        return true;

    for (uint32_t i = 0; i < op->args.count; i++) {
        ir_id arg = ir_list_at(unit, op->args, i);

        /* Where it is, not what it holds. */
        if (unit->exprs.items[arg].kind == IR_EXPR_ADDR &&
            unit->exprs.items[unit->exprs.items[arg].a].kind == IR_EXPR_VAR)
            continue;
        if (is_used_in(flow, arg, carried))
            return true;
    }
    return is_used_in(flow, ir_op_value(op), carried) ||
           (op->kind == IR_ASSIGN && is_used_in_target(flow, op->a, carried));
}

const char *carry_name(const struct flow *flow, const struct carried *carried)
{
    const struct node *node = node_get(&flow->values, carried->place);
    ir_id field = carry_field(flow, carried);

    if (field)
        return ir_expr_text(flow->fn->unit, flow->fn->ir, field,
                            flow->program->arena);
    return node->kind == NODE_VAR
               ? ir_text(flow->fn->unit,
                         flow->fn->unit->vars.items[node->a].name)
               : "errno";
}

/* Whether the callee, once suspended, uses what it is handed: a body is looked
 * at; who is known from a pack reads or writes there when he goes on, unless
 * it is a lock, an event or the like. */
static bool callee_uses_late(const struct callee *callee, uint32_t arg,
                             bool is_address)
{
    const struct meaning *meaning = callee->meaning;

    if (!meaning)
        return callee->body && late_uses(callee->body, arg);
    for (int i = 0; i < meaning->effect_count; i++)
        if (meaning->effects[i].on.base == PLACE_ARG)
            return false;
    return is_address && meaning->callback_count == 0;
}

/* What is handed over is used after an await in the callee. */
static void handed_use(struct flow *flow, struct state *state, ir_id at)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    const struct callee *callee = &site_at(flow, at)->callee;

    if (op->kind != IR_CALL || !answer_can_be(callee_suspends(callee)))
        return;
    for (uint32_t i = 0; i < op->args.count; i++) {
        ir_id arg = ir_list_at(unit, op->args, i);
        node_id value = eval_value(flow, state, arg);
        const char *from = bound_from(
            flow, value,
            ir_type_is_pointer(flow->fn->unit, unit->exprs.items[arg].type));
        struct event *event;

        if (!from ||
            !callee_uses_late(
                callee, i, node_get(&flow->values, value)->kind == VALUE_ADDR))
            continue;
        event = record_event(flow, state, EVENT_STALE, at, NULL);
        if (event->states > 1)
            return;
        event->stale = (struct stale){
            .kind = CARRIED_THREAD,
            .source = at,
            .left = at,
            .name = callee->name,
            .from = from,
        };
        return;
    }
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

    if (flow->is_recording && flow->follows_threads)
        handed_use(flow, state, at);
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
