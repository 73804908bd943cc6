/*
 * Whether a wait asks once more what it waits for, see query_wait.h: there is a
 * loop around it, or around those who call it, or it is only another name for
 * the wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/loop.h"
#include "findings/query_wait.h"

/* Above a wait; any loop is around what stands higher up. */
enum { LOOPS_LOOKED_FOR = 2 };

/* What it is found in, or, of `NATIVE(cond)`, made of; 0: nothing that leads
 * from a parameter. */
static ir_id origin_of(const struct ir_unit *unit, const struct ir_expr *expr)
{
    if (expr->kind == IR_EXPR_ADDR || expr->kind == IR_EXPR_FIELD ||
        expr->kind == IR_EXPR_DEREF || expr->kind == IR_EXPR_INDEX)
        return expr->a;
    return expr->kind == IR_EXPR_TEMP &&
                   unit->ops.items[expr->op].args.count == 1
               ? ir_call_arg(unit, expr->op, 0)
               : 0;
}

/* The parameter that an argument of the wait leads from, or -1. */
static int parameter_of(const struct fn *fn, ir_id wait, int arg)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr =
        &unit->exprs.items[ir_call_arg(unit, wait, arg)];

    while (origin_of(unit, expr))
        expr = &unit->exprs.items[origin_of(unit, expr)];
    return expr->kind == IR_EXPR_VAR ? ir_param(fn->ir, expr->var) : -1;
}

/* A record of a lock and a condition, with nothing in it to ask for. */
static bool is_condition(const struct fn *fn, int param)
{
    const struct ir_unit *unit = fn->unit;
    ir_id type = unit->vars.items[fn->ir->first_var + (ir_id)param].type;
    ir_id record = ir_type_record(unit, type);

    return record && unit->records.items[record].field_count == 2;
}

/* Another name for the wait: it is given both, the lock held, be it as one; or
 * what is waited for, and the lock is everybody's. */
static bool is_wrapper(const struct fn *fn, const struct event *wait)
{
    int condition = parameter_of(fn, wait->op, 0);
    int lock = parameter_of(fn, wait->op, 1);
    bool is_given =
        fn->unit->exprs.items[ir_call_arg(fn->unit, wait->op, 0)].kind ==
        IR_EXPR_VAR;

    if (wait->held_before || condition < 0)
        return false;
    return condition == lock ? is_condition(fn, condition)
                             : lock >= 0 || is_given;
}

/* Whether each call of it is in a loop; or in a function of the same file of
 * which that is true. */
static bool is_called_in_loops(const struct query *query, const struct fn *fn,
                               int depth)
{
    bool is_called = false;

    for_each_caller(query->callers, fn, caller)
    {
        if (caller->edge->timing == TIMING_NOW &&
            !loop_has(caller->fn, caller->edge->op) &&
            !(depth > 1 && caller->fn->symbol->flags & IR_SYMBOL_STATIC &&
              is_called_in_loops(query, caller->fn, depth - 1)))
            return false;
        is_called = true;
    }
    return is_called && !fn->is_entry;
}

bool query_waits_in_loop(const struct query *query, const struct event *wait)
{
    const struct fn *fn = query->fn;

    return wait->lock.is_parameter || loop_has(fn, wait->op) ||
           is_wrapper(fn, wait) || wait->meaning->is_bridge ||
           is_called_in_loops(query, fn, LOOPS_LOOKED_FOR);
}
