/*
 * Whether a function has anything to solve, see worth.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/worth.h"

#include "engine/carry.h"
#include "engine/choice.h"
#include "engine/told.h"

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

/* The argument that decides, if it is a constant, or NULL. */
static const struct ir_expr *constant_of(const struct flow *flow,
                                         const struct site *site,
                                         const struct exemption *condition)
{
    const struct ir_unit *unit = flow->fn->unit;
    uint32_t arg = (uint32_t)condition->arg;
    const struct ir_expr *expr;

    if (arg >= site->args.count)
        return NULL;
    expr = &unit->exprs.items[ir_list_at(unit, site->args, arg)];
    return expr->kind == IR_EXPR_CONST ? expr : NULL;
}

/* Whether it asks for what another call may have said of a file. */
static bool asks_property(const struct exemption *condition)
{
    return condition->kind == UNLESS_FD_NONBLOCKING ||
           condition->kind == UNLESS_STREAM_IN_MEMORY;
}

/* Whether it says so, unless a constant flag is missing: `open` to read. */
static bool sets_property(const struct flow *flow, const struct site *site,
                          const struct effect *effect)
{
    for (int i = 0; i < effect->condition_count; i++) {
        const struct exemption *condition = &effect->conditions[i];
        const struct ir_expr *constant = constant_of(flow, site, condition);

        if (constant && condition->kind == UNLESS_ARG_HAS_FLAG &&
            (constant->value & condition->value) != condition->value)
            return false;
    }
    return true;
}

static bool is_property(const struct effect *effect)
{
    return effect->kind == EFFECT_NONBLOCKING ||
           effect->kind == EFFECT_IN_MEMORY;
}

/* What is asked and said of files by all of a function: it takes both. */
struct properties {
    bool is_asked;
    bool is_set;
};

static bool has_conditions(const struct flow *flow, const struct site *site,
                           struct properties *properties)
{
    const struct meaning *meaning = site->callee.meaning;

    for (int i = 0; i < meaning->exemption_count; i++) {
        const struct exemption *exemption = &meaning->exemptions[i];

        if (asks_property(exemption))
            properties->is_asked = true;
        else if (!constant_of(flow, site, exemption))
            return true; /* it may be in what variables hold */
    }
    return false;
}

/* Memory that is only allocated has no lock in it that matters. */
static bool has_effects(const struct flow *flow, const struct site *site,
                        struct properties *properties)
{
    const struct meaning *meaning = site->callee.meaning;

    for (int i = 0; i < meaning->effect_count; i++) {
        if (is_property(&meaning->effects[i]))
            properties->is_set |=
                sets_property(flow, site, &meaning->effects[i]);
        else if (meaning->effects[i].kind != EFFECT_ALLOCATE)
            return true;
    }
    return false;
}

/* Others may go on with what they were given while the caller does. */
static bool has_companions(const struct meaning *meaning)
{
    for (int i = 0; i < meaning->callback_count; i++)
        if (meaning->callbacks[i].timing != TIMING_NOW &&
            meaning->callbacks[i].timing != TIMING_LATER)
            return true;
    return false;
}

/* Whether what decides if the callee waits may be in variables. */
static bool hands_decision(const struct flow *flow, const struct site *site,
                           const struct waits *waits)
{
    const struct ir_unit *unit = flow->fn->unit;
    uint32_t params = (uint32_t)(waits->nonzero | waits->zero) |
                      (waits->bits ? 1u << waits->bits_param : 0);

    for (uint32_t i = 0; params >> i && i < site->args.count; i++)
        if (params >> i & 1 &&
            !ir_is_constant(
                &unit->exprs.items[ir_list_at(unit, site->args, i)]))
            return true;
    return waits->flag.wanted;
}

static bool changes_locks(const struct flow *flow, const struct site *site,
                          struct properties *properties)
{
    const struct meaning *meaning = site->callee.meaning;
    const struct fn *body = site->callee.body;

    if (meaning)
        return has_effects(flow, site, properties) ||
               has_conditions(flow, site, properties) ||
               has_companions(meaning) || meaning->must_await;
    if (!body && site->callee.group) {
        choice_moves_find(flow->program, site->callee.group);
        return site->callee.group->moves.count ||
               site->callee.group->leaves_some ||
               site->callee.group->gives_some;
    }
    if (!body)
        return false;
    if (body->summary.only_if.param ||
        hands_decision(flow, site, &body->summary.halts))
        return true;
    if (body->summary.modes)
        properties->is_set = true;
    for (uint32_t i = 0; i < body->summary.locks.items.count; i++)
        if (body->summary.locks.items.items[i]->kind != LOCK_USES)
            return true;
    return false;
}

static bool allocates(const struct callee *callee)
{
    return meaning_has(callee->meaning, EFFECT_ALLOCATE) ||
           (!callee->meaning && callee->body &&
            callee->body->summary.returns_raw);
}

static bool returns_pointer(const struct fn *fn)
{
    return ir_type_returned(fn->unit, fn->symbol->type)->kind ==
           IR_TYPE_POINTER;
}

/* What it has made of a file, its callers may ask for. */
static bool hands_on(const struct flow *flow)
{
    const struct fn *fn = flow->fn;

    return fn->ir->param_count ||
           ir_type_returned(fn->unit, fn->symbol->type)->kind != IR_TYPE_VOID;
}

enum { MOST_OF_ALLOCATOR = 64 }; /* ops of one that does nothing else */

/* Whether memory that it allocates matters: a callee takes a lock in it, or it
 * is there to allocate for others. */
static bool minds_memory(const struct flow *flow)
{
    bool is_allocator = flow->fn->ir->op_count <= MOST_OF_ALLOCATOR &&
                        returns_pointer(flow->fn);
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
    struct properties properties = {0};

    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++)
        if (changes_locks(flow, &flow->sites[i], &properties))
            return true;
    return (properties.is_set && (properties.is_asked || hands_on(flow))) ||
           worth_contexts(flow) || flow->follows_threads || flow->spawns ||
           minds_memory(flow) || told_whether(flow);
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
        (callee->meaning
             ? callee->meaning->is_thread_affine || callee->meaning->reads_error
             : callee->body && callee->body->summary.returns_bound))
        return true;
    if (op->kind == IR_CALL && !callee->meaning && callee->body &&
        callee->body->summary.binds)
        return true;
    for (uint32_t i = 0; has_locals && i < op->args.count; i++)
        if (mentions_thread_local(unit, ir_list_at(unit, op->args, i)))
            return true;
    return has_locals &&
           ((op->kind == IR_ASSIGN && mentions_thread_local(unit, op->b)) ||
            (op->kind == IR_RETURN && mentions_thread_local(unit, op->a)));
}

/* `*out = …`, of a parameter. */
static bool fills_parameter(const struct flow *flow, const struct ir_op *op)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *target = &unit->exprs.items[op->a];

    return op->kind == IR_ASSIGN && target->kind == IR_EXPR_DEREF &&
           unit->exprs.items[target->a].kind == IR_EXPR_VAR &&
           ir_param(flow->fn->ir, unit->exprs.items[target->a].var) >= 0;
}

/* It is carried past an await, or out of the function. Where errors are is
 * told by a pointer, and what is read through it is a number like any other. */
static bool may_carry(const struct flow *flow, bool is_error_only)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id first = flow->fn->ir->first_op;

    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[first + i];

        if (answer_can_be(callee_suspends(&flow->sites[i].callee)) ||
            (!is_error_only && fills_parameter(flow, op)))
            return true;
        if (op->kind == IR_RETURN && op->a &&
            (!is_error_only || returns_pointer(flow->fn)))
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
        is_error_only = is_error_only && meaning &&
                        (meaning->is_last_error || meaning->reads_error);
    }
    return is_any && may_carry(flow, is_error_only);
}
