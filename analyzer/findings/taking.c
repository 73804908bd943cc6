/*
 * Places that take blocking locks, see taking.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/taking.h"

/* The holder's own place, if there is one; and first those that are in a task
 * for sure. */
static int rank(const struct taking *taking)
{
    bool is_own = taking->evidence->fn == taking->fn &&
                  taking->evidence->acquired == taking->event->op;

    return (taking->fn->is_doubted ? 0 : 2) + is_own;
}

static void other_add(struct check *check, struct taking *told,
                      struct taking other)
{
    if (rank(&other) > rank(told)) {
        struct taking kept = *told;

        other.others = kept.others;
        *told = other;
        other = kept;
    }
    vec_add(check_arena(check), &told->others, other);
}

void taking_add(struct check *check, struct taking_list *list,
                const struct taking *taking)
{
    const struct evidence *evidence = taking->evidence;
    bool is_new = true;
    uint32_t at = list->items.count;

    if (evidence && !fn_begins_tasks(taking->fn)) {
        list->by_evidence.arena = check_arena(check);
        at = *map_add(&list->by_evidence, &evidence, sizeof(evidence), at,
                      &is_new);
    }
    if (is_new)
        vec_add(check_arena(check), &list->items, *taking);
    else
        other_add(check, &list->items.items[at], *taking);
}

static bool is_crossed_here(const struct query *query,
                            const struct event *acquired)
{
    for_each_event(query, event, EVENT_SUSPEND) {
        const struct held *held = query_held(event, acquired);

        if (held && !held->is_weak && !event->is_doubted &&
            sure_minds(event, held) && query_suspends(query, event))
            return true;
    }
    return false;
}

/* A function that returns with the lock: all tasks that call it hold it so. */
static bool is_crossed_by_callers(const struct query *query,
                                  const struct event *acquired)
{
    const struct class_info *info = query_class(query, acquired->lock.class);
    bool is_held = false;

    for (uint32_t i = 0; i < info->got.count; i++) {
        const struct evidence *taken = &info->got.items[i];
        const struct lock_info *lock = &taken->event->lock;
        struct query there = *query;

        there.fn = taken->fn;
        if (lock->taken_in != query->fn || lock->taken_at != acquired->op ||
            !query_is_async(&there, taken->event))
            continue;
        if (!is_crossed_here(&there, taken->event))
            return false;
        is_held = true;
    }
    return is_held;
}

bool taking_is_crossed(const struct query *query, const struct event *acquired)
{
    return is_crossed_here(query, acquired) ||
           is_crossed_by_callers(query, acquired);
}
