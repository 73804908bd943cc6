/*
 * Functions that run where nothing may suspend, see query_atomic.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_atomic.h"

#include "engine/atomic.h"

static bool holds_blocking(const struct event *event)
{
    for (uint32_t i = 0; i < event->held.count; i++)
        if (event->held.items[i].must &&
            lock_is_blocking(&event->held.items[i].lock))
            return true;
    return false;
}

/* What frees memory puts it off, in an interrupt. */
static bool is_put_off(const struct event *event)
{
    return meaning_has(event->meaning, EFFECT_FREE);
}

bool query_suspends_in_atomic(const struct query *query,
                              const struct event *event)
{
    return query_suspends(query, event) && !holds_blocking(event) &&
           !is_put_off(event);
}

void diag_mark_atomic(struct check *check, struct diag *diag,
                      const struct query *query)
{
    const struct atomic_start *start = query->fn->atomic;

    diag_mark_in(check, diag, MARK_STEP, start->fn, start->op,
                 "'%s' is given to '%s' here", query->fn->name, start->to);
}
