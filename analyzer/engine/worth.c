/*
 * Whether a function has anything to solve, see worth.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/worth.h"

#include "engine/carry.h"

bool worth_contexts(const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++) {
        const struct meaning *meaning = flow->sites[i].callee.meaning;

        if (meaning && (meaning->context_test == ANSWER_MUST ||
                        meaning->context_test == ANSWER_NEVER))
            return true;
    }
    return false;
}

/* Memory that is only allocated has no lock in it that matters. */
static bool has_effects(const struct meaning *meaning)
{
    for (int i = 0; i < meaning->effect_count; i++)
        if (meaning->effects[i].kind != EFFECT_ALLOCATE)
            return true;
    return false;
}

static bool changes_locks(const struct callee *callee)
{
    const struct lock_effects *effects;

    /* Conditions on arguments are met, or not, by what variables hold. */
    if (callee->meaning)
        return has_effects(callee->meaning) ||
               callee->meaning->exemption_count > 0 ||
               callee->meaning->callback_count > 0 ||
               callee->meaning->must_await;
    if (!callee->body)
        return false;
    if (callee->body->summary.only_if.param)
        return true;
    effects = &callee->body->summary.locks;
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind != LOCK_USES)
            return true;
    return false;
}

static bool allocates(const struct callee *callee)
{
    for (int i = 0; callee->meaning && i < callee->meaning->effect_count; i++)
        if (callee->meaning->effects[i].kind == EFFECT_ALLOCATE)
            return true;
    return !callee->meaning && callee->body &&
           callee->body->summary.returns_raw;
}

enum { MOST_OF_ALLOCATOR = 64 }; /* ops of one that does nothing else */

/* Whether memory that it allocates matters: a callee takes a lock in it, or it
 * is there to allocate for others. */
static bool minds_memory(const struct flow *flow)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_type *type = ir_type_strip(unit, flow->fn->symbol->type);
    bool is_allocator = flow->fn->ir->op_count <= MOST_OF_ALLOCATOR &&
                        type->kind == IR_TYPE_FUNCTION &&
                        ir_type_strip(unit, type->of)->kind == IR_TYPE_POINTER;
    bool has_memory = false;
    bool is_used = is_allocator;

    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++) {
        const struct callee *callee = &flow->sites[i].callee;

        has_memory = has_memory || allocates(callee);
        is_used = is_used || (!callee->meaning && callee->body &&
                              callee->body->summary.locks.items.count);
    }
    return has_memory && is_used;
}

bool worth_solving(const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++)
        if (changes_locks(&flow->sites[i].callee))
            return true;
    return worth_contexts(flow) || flow->follows_threads || flow->spawns ||
           minds_memory(flow);
}

/* ---- what belongs to a thread */

static bool mentions_thread_local(const struct ir_unit *unit, ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_GLOBAL)
        return unit->symbols.items[expr->symbol].flags & IR_SYMBOL_THREAD_LOCAL;
    return (ir_expr_has_first(expr) && mentions_thread_local(unit, expr->a)) ||
           (ir_expr_has_second(expr) && mentions_thread_local(unit, expr->b));
}

static bool gets_bound(const struct flow *flow, uint32_t at, bool has_locals)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *op = &unit->ops.items[flow->fn->ir->first_op + at];
    const struct callee *callee = &flow->sites[at].callee;

    if (op->kind == IR_CALL &&
        (callee->meaning ? callee->meaning->is_thread_affine
                         : callee->body && callee->body->summary.returns_bound))
        return true;
    return has_locals &&
           ((op->kind == IR_ASSIGN && mentions_thread_local(unit, op->b)) ||
            (op->kind == IR_RETURN && mentions_thread_local(unit, op->a)));
}

/* It is carried past an await, or out of the function. Where errors are is
 * told by a pointer, and what is read through it is a number like any other. */
static bool may_carry(const struct flow *flow, bool is_error_only)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id first = flow->fn->ir->first_op;

    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++) {
        enum tristate suspends = callee_suspends(&flow->sites[i].callee);
        const struct ir_op *op = &unit->ops.items[first + i];

        if (suspends == ANSWER_MAY || suspends == ANSWER_MUST)
            return true;
        if (op->kind == IR_RETURN && op->a &&
            (!is_error_only ||
             ir_type_strip(unit, unit->exprs.items[op->a].type)->kind ==
                 IR_TYPE_POINTER))
            return true;
    }
    return false;
}

bool carry_matters(const struct flow *flow)
{
    const struct program *program = flow->program;
    bool has_locals =
        program->units.items[flow->fn->unit_number].has_thread_locals;
    bool is_any = false;
    bool is_error_only = true;

    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++) {
        const struct meaning *meaning = flow->sites[i].callee.meaning;

        if (!gets_bound(flow, i, has_locals))
            continue;
        is_any = true;
        is_error_only = is_error_only && meaning && meaning->is_last_error;
    }
    return is_any && may_carry(flow, is_error_only);
}
