/*
 * Whether a function has anything to solve, see worth.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/worth.h"

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
