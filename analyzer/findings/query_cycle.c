/*
 * Which circles of locks are one mistake. See query_cycle.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_cycle.h"

#include <string.h>

uint32_t cycle_last_leg(const struct lock_cycle *cycle)
{
    uint32_t last = 0;

    for (uint32_t i = 1; i < cycle->count; i++) {
        const struct lock_leg *leg = &cycle->legs[i];
        const struct lock_leg *known = &cycle->legs[last];
        int files = strcmp(leg->fn->file, known->fn->file);

        if (files > 0 || (!files && leg->outer_at > known->outer_at))
            last = i;
    }
    return last;
}

ir_id leg_place(const struct lock_leg *leg)
{
    return leg->steps.count ? leg->steps.items[0].op : leg->inner_at;
}

enum severity cycle_severity(const struct lock_cycle *cycle)
{
    if (cycle->is_guess)
        return SEVERITY_NOTE;
    return cycle->must && !cycle->is_outside ? SEVERITY_ERROR
                                             : SEVERITY_WARNING;
}

bool cycle_has_worse(const lock_cycle_list *cycles, uint32_t at)
{
    const struct lock_cycle *cycle = &cycles->items[at];
    const struct lock_leg *leg = &cycle->legs[cycle_last_leg(cycle)];

    for (uint32_t i = 0; i < cycles->count; i++) {
        const struct lock_cycle *other = &cycles->items[i];
        const struct lock_leg *there = &other->legs[cycle_last_leg(other)];
        int worse = (int)cycle_severity(other) - (int)cycle_severity(cycle);

        if (there->fn == leg->fn && leg_place(there) == leg_place(leg) &&
            there->outer_at == leg->outer_at &&
            (worse > 0 || (worse == 0 && i < at)))
            return true;
    }
    return false;
}

bool cycle_has_place(const lock_cycle_list *cycles, const struct fn *fn,
                     ir_id op)
{
    for (uint32_t i = 0; i < cycles->count; i++)
        for (uint32_t k = 0; k < cycles->items[i].count; k++)
            if (cycles->items[i].legs[k].inner_fn == fn &&
                cycles->items[i].legs[k].inner_at == op)
                return true;
    return false;
}

const char *leg_root_words(const struct lock_leg *leg)
{
    switch (leg->kind) {
    case ROOT_MAIN:
        return "the main thread";
    case ROOT_TASK:
        return "a task";
    case ROOT_THREAD:
        return "a thread";
    case ROOT_JOB:
        return "a job of a pool";
    case ROOT_CALLBACK:
        return "a callback";
    case ROOT_OUTSIDE:
    case ROOT_NONE:
        return "whoever calls it";
    }
    return "";
}

const char *leg_route_words(struct arena *arena, const struct lock_leg *leg)
{
    const char *words = "";

    for (uint32_t i = 0; i < leg->route.items.count; i++)
        words = arena_printf(arena, "%s%s'%s'", words, i ? " → " : "",
                             leg->route.items.items[i]->name);
    return words;
}
