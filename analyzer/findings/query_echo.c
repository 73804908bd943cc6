/*
 * Mistakes that show more than once, see query_echo.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_echo.h"

#include <string.h>

static bool is_destroyed(const struct event *event)
{
    return event->states && event->fates[FATE_DESTROYED] == event->states;
}

static bool is_in_callee(const struct event *event)
{
    return event->callee &&
           (event->kind == EVENT_MISUSE || event->kind == EVENT_DESTROY);
}

/* A callee may know a global by another name. */
static bool is_same_lock(const struct lock_info *one,
                         const struct lock_info *two)
{
    if (one->instance && two->instance)
        return !strcmp(one->instance, two->instance);
    return !strcmp(one->name, two->name);
}

static bool is_echo(const struct query *query, const struct event *event)
{
    const struct event_list *events = &query->fn->events;

    for (uint32_t i = 0; i < events->items.count; i++) {
        const struct event *other = &events->items.items[i];

        if (other->op >= event->op)
            return false;
        if (is_in_callee(other) && is_destroyed(other) &&
            is_same_lock(&other->lock, &event->lock))
            return true;
    }
    return false;
}

bool query_is_destroyed(const struct query *query, const struct event *event)
{
    return is_destroyed(event) &&
           !(is_in_callee(event) && is_echo(query, event));
}
