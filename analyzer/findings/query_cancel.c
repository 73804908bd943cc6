/*
 * Where a task or thread may be cancelled, and what becomes of its locks then.
 * See query.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/callee.h"
#include "findings/query.h"

/* The runtime whose task is suspended or cancelled there. */
static const struct pack *runtime_at(const struct query *query,
                                     const struct event *event)
{
    if (event->meaning && event->meaning->pack->has_async)
        return event->meaning->pack;
    if (event->callee && event->callee->async_pack)
        return event->callee->async_pack;
    return query->fn->async_pack;
}

enum cancel_answer query_cancel(const struct query *query,
                                const struct event *event)
{
    const struct pack *runtime = runtime_at(query, event);
    bool skips = runtime && runtime->cancel_skips_cleanups;

    if (event->kind == EVENT_SUSPEND)
        return skips && query_is_async(query, event) &&
                       query_suspends(query, event)
                   ? CANCEL_ALWAYS
                   : CANCEL_NEVER;
    if (query->fn->summary.shields)
        return CANCEL_NEVER;
    if (event->kind == EVENT_ACQUIRE)
        return query->victims[query->fn->number] & VICTIM_ANYWHERE
                   ? CANCEL_BY_HAND
                   : CANCEL_NEVER;
    if (event->kind != EVENT_CANCEL)
        return CANCEL_NEVER;
    if (event->cancels & CANCELS_TASK && query_is_async(query, event))
        return skips ? CANCEL_ALWAYS : CANCEL_BY_HAND;
    if (event->cancels & CANCELS_THREAD &&
        query->victims[query->fn->number] & VICTIM_AT_POINTS)
        return CANCEL_BY_HAND;
    return CANCEL_NEVER;
}

bool query_cleans_up(const struct query *query, const struct lock_info *lock)
{
    for_each_event(query, event, EVENT_RELEASE)
        if (query->fn->unit->ops.items[event->op].flags & IR_OP_CLEANUP &&
            event->lock.name && lock->name &&
            strcmp(event->lock.name, lock->name) == 0)
            return true;
    return false;
}
