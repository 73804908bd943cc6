/*
 * Locks that a function keeps on purpose, beside what it returns: by a count of
 * who is in, for a callback, or with a handle that is kept, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/cfg.h"
#include "findings/query_handover.h"
#include "findings/query_leak.h"
#include "ir/ir_print.h"

/* The place that a condition compares with a number, or 0. */
static ir_id compared(const struct ir_unit *unit, ir_id condition)
{
    const struct ir_expr *expr = &unit->exprs.items[condition];

    while (expr->kind == IR_EXPR_UNARY)
        expr = &unit->exprs.items[expr->a];
    if (expr->kind != IR_EXPR_BINARY)
        return 0;
    return unit->exprs.items[expr->b].kind == IR_EXPR_CONST ? expr->a : 0;
}

static const char *text_of(const struct query *query, ir_id expr)
{
    return ir_expr_text(query->fn->unit, query->fn->ir, expr,
                        query->program->arena);
}

/* By how much the op moves the place of that text: `count += step`; or 0. */
static int64_t step_of(const struct query *query, const struct ir_op *op,
                       const char *place)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *value = &unit->exprs.items[op->b];

    if (op->kind != IR_ASSIGN || value->kind != IR_EXPR_BINARY ||
        (value->operator!= IR_ADD && value->operator!= IR_SUB) ||
        unit->exprs.items[value->b].kind != IR_EXPR_CONST)
        return 0;
    if (strcmp(text_of(query, op->a), place) != 0)
        return 0;
    return value->operator== IR_SUB ? -unit->exprs.items[value->b].value
                                    : unit->exprs.items[value->b].value;
}

/* The first one in takes it for all, the last one out gives it back: what is
 * held hangs on a count that the function moves both ways. */
static bool is_counted(const struct query *query, const struct held *held)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;
    ir_id place =
        held->branch ? compared(unit, unit->ops.items[held->branch].a) : 0;
    const char *text;
    bool is_raised = false;
    bool is_lowered = false;

    if (held->must || !place)
        return false;
    text = text_of(query, place);
    for (ir_id at = ir->first_op; at < ir->first_op + ir->op_count; at++) {
        int64_t step = step_of(query, &unit->ops.items[at], text);

        is_raised |= step > 0;
        is_lowered |= step < 0;
    }
    return is_raised && is_lowered;
}

/* Whether the call runs what it is given before it returns. */
static bool runs_now(const struct fn *fn, ir_id op)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++)
        if (fn->edges->items.items[i].op == op &&
            fn->edges->items.items[i].by_callback &&
            edge_is_now(&fn->edges->items.items[i]))
            return true;
    return false;
}

/* `ask(user, finish, request);` with the lock, and out. */
static bool hands_giver(const struct query *query, ir_id call,
                        const char *class)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = &unit->ops.items[call];

    for (uint32_t i = 0; op->kind == IR_CALL && i < op->args.count; i++)
        if (query_is_giver(query, unit, ir_list_at(unit, op->args, i), class))
            return !runs_now(query->fn, call);
    return false;
}

/* `request->done = finish;`, and `finish` gives it back: whoever calls that has
 * the lock by then. */
static bool is_left_to_callback(const struct query *query, const char *class,
                                ir_id exit)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id at = ir->first_op; at < ir->first_op + ir->op_count; at++) {
        const struct ir_op *op = &unit->ops.items[at];
        const struct ir_expr *place = &unit->exprs.items[op->a];

        if (op->kind == IR_ASSIGN && place->kind == IR_EXPR_FIELD &&
            unit->exprs.items[place->a].kind == IR_EXPR_DEREF &&
            query_is_giver(query, unit, op->b, class))
            return true;
        if (hands_giver(query, at, class) &&
            cfg_block_of(unit, ir, at) == cfg_block_of(unit, ir, exit))
            return true;
    }
    return false;
}

/* `context->thread = save();`: what is needed to undo it is kept where others
 * find it. */
static bool is_undone_by_handle(const struct query *query,
                                const struct held *held)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id at = held->acquired; at < ir->first_op + ir->op_count; at++) {
        const struct ir_op *op = &unit->ops.items[at];

        if (ir_op_keeps(unit, op, held->acquired))
            return unit->exprs.items[op->a].kind != IR_EXPR_VAR &&
                   !held->lock.taken_in &&
                   ir_type_is_pointer(unit, unit->exprs.items[op->a].type);
    }
    return false;
}

bool query_is_kept_on_purpose(const struct query *query,
                              const struct event *exit, const struct held *held)
{
    return is_counted(query, held) || is_undone_by_handle(query, held) ||
           is_left_to_callback(query, held->lock.class, exit->op);
}
