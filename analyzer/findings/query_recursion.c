/*
 * Answers about circles of calls, see query_recursion.h. Of functions that
 * call each other one is solved before what is known of the others, so what
 * they take of its locks is looked up here. Only globals: that one of an
 * argument is the same one after a round, nobody knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_recursion.h"

#include <errno.h>
#include <string.h>

#include "engine/calls.h"

enum {
    CIRCLE_LOOKED_AT = 4, /* calls, one below the other, … */
    MOST_LOOKED_AT = 2000 /* … and in all */
};

static bool is_same(const struct lock_info *one, const struct lock_info *two)
{
    return one->instance && two->instance &&
           !strcmp(one->instance, two->instance);
}

/* Whether only pointers are asked for, and for being there: a round that has
 * none ends the circle, and all before it are alike. */
static bool asks_pointers(const struct fn *fn, const struct lock_effect *effect)
{
    const struct ir_unit *unit = fn->unit;

    for (int i = 0; i < effect->when_count; i++) {
        const struct lock_when *when = &effect->whens[i];
        ir_id var = fn->ir->first_var + (ir_id)when->param;

        if (!when->nonzero ||
            !ir_type_is_pointer(unit, unit->vars.items[var].type))
            return false;
    }
    return !effect->when_differ[0];
}

/* Where it takes that lock, whatever it was handed and whatever is so; NULL: it
 * does not, or gives it back first. */
static const struct lock_effect *take_find(const struct fn *fn,
                                           const struct lock_info *lock)
{
    const struct lock_effects *effects = &fn->summary.locks;
    const struct lock_effect *found = NULL;

    for (uint32_t i = 0; i < effects->items.count; i++) {
        const struct lock_effect *effect = effects->items.items[i];

        if (effect->path->param != PATH_GLOBAL || !is_same(&effect->lock, lock))
            continue;
        if (effect->kind == LOCK_GIVES || effect->kind == LOCK_EXCURSION ||
            effect->kind == LOCK_BLOCK_EXCURSION)
            return NULL;
        if (effect->kind == LOCK_USES && !effect->lock.is_try &&
            !effect->lock.is_recursive && !effect->lock.taken_in &&
            asks_pointers(fn, effect) && !effect->flag.wanted &&
            !effect->after_drop && !effect->at_last)
            found = effect;
    }
    return found;
}

static bool gives_back(const struct fn *fn, const char *class)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_RELEASE && !event->held_before &&
            !strcmp(event->lock.class, class))
            return true;
    }
    return false;
}

/* A number that is written out may say what is not to be done this time. */
static bool hands_number(const struct fn *fn, ir_id call)
{
    const struct ir_unit *unit = fn->unit;
    struct ir_list args = unit->ops.items[call].args;

    for (uint32_t i = 0; i < args.count; i++)
        if (unit->exprs.items[ir_list_at(unit, args, i)].kind == IR_EXPR_CONST)
            return true;
    return false;
}

/* Whether calls by name lead from one function to the other, and nobody on the
 * way gives the lock back. */
static bool leads_to(const struct query *query, const struct fn *from,
                     const struct fn *to, const char *class, int depth,
                     int *left)
{
    const struct calls *calls = query->order->calls;

    if (from == to)
        return true;
    if (!depth || (*left)-- <= 0 || gives_back(from, class))
        return false;
    for_each_call(calls, from, call)
    {
        if (call->choices == 1 && !hands_number(from, call->op) &&
            leads_to(query, call->callee, to, class, depth - 1, left))
            return true;
    }
    return false;
}

/* The callee was known by then, and what it takes was told. */
static bool is_told(const struct query *query, const struct event *call,
                    const struct lock_info *lock)
{
    for_each_event(query, event, EVENT_RETAKE) {
        if (event->op == call->op && !strcmp(event->lock.class, lock->class))
            return true;
    }
    return false;
}

struct retaken query_retaken(const struct query *query,
                             const struct event *call)
{
    struct retaken found = {0};
    int left = MOST_LOOKED_AT;

    if (!call->callee || call->callee == query->fn || call->is_given ||
        hands_number(query->fn, call->op))
        return found;
    for (uint32_t i = 0; i < call->held.count && !found.held; i++) {
        const struct held *held = &call->held.items[i];
        const struct lock_effect *take =
            held->must && !held->lock.is_recursive && !held->has_guard &&
                    held->lock.mode != LOCK_SHARED
                ? take_find(query->fn, &held->lock)
                : NULL;

        if (take && !is_told(query, call, &held->lock) &&
            leads_to(query, call->callee, query->fn, held->lock.class,
                     CIRCLE_LOOKED_AT, &left))
            found = (struct retaken){held, take->op};
    }
    return found;
}

static bool is_result(const struct ir_unit *unit, ir_id value, ir_id call,
                      ir_id var)
{
    const struct ir_expr *expr = &unit->exprs.items[value];

    return (expr->kind == IR_EXPR_TEMP && expr->op == call) ||
           (var && expr->kind == IR_EXPR_VAR && expr->var == var);
}

/* The variable that the call's result is kept in, or 0. */
static ir_id kept_in(const struct fn *fn, ir_id call)
{
    const struct ir_unit *unit = fn->unit;

    for (ir_id at = call; at < fn->ir->first_op + fn->ir->op_count; at++) {
        const struct ir_op *op = &unit->ops.items[at];

        if (op->kind == IR_ASSIGN && is_result(unit, op->b, call, 0) &&
            unit->exprs.items[op->a].kind == IR_EXPR_VAR)
            return unit->exprs.items[op->a].var;
    }
    return 0;
}

/* Whether it is that number, or a variable that is given it. */
static bool is_number(const struct fn *fn, ir_id value, int64_t number)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[value];

    if (expr->kind == IR_EXPR_CONST)
        return expr->value == number;
    for (uint32_t i = 0; expr->kind == IR_EXPR_VAR && i < fn->ir->op_count;
         i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        const struct ir_expr *place = &unit->exprs.items[op->a];
        const struct ir_expr *given = &unit->exprs.items[op->b];

        if (op->kind == IR_ASSIGN && place->kind == IR_EXPR_VAR &&
            place->var == expr->var)
            return given->kind == IR_EXPR_CONST && given->value == number;
    }
    return false;
}

bool query_expects_refusal(const struct query *query, const struct event *taken)
{
    bool is_callees = taken->lock.taken_in != NULL;
    const struct fn *fn = is_callees ? taken->lock.taken_in : query->fn;
    ir_id call = is_callees ? taken->lock.taken_at : taken->op;
    const struct ir_unit *unit = fn->unit;
    ir_id var = kept_in(fn, call);

    for (ir_id at = call; at < fn->ir->first_op + fn->ir->op_count; at++) {
        const struct ir_op *op = &unit->ops.items[at];
        const struct ir_expr *asked = &unit->exprs.items[op->a];

        if (op->kind == IR_BRANCH && asked->kind == IR_EXPR_BINARY &&
            is_result(unit, asked->a, call, var) &&
            is_number(fn, asked->b, EDEADLK))
            return true;
    }
    return false;
}
