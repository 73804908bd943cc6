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

enum { FREES_BELOW = 3 }; /* callees that do nothing else that suspends */

/* What frees memory puts it off, in an interrupt. */
static bool is_put_off(const struct event *event, int depth)
{
    const struct fn *fn = event->callee;

    if (event->meaning || !fn || depth <= 0)
        return meaning_has(event->meaning, EFFECT_FREE);
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == EVENT_SUSPEND &&
            !is_put_off(&fn->events.items.items[i], depth - 1))
            return false;
    return fn->events.items.count > 0;
}

static bool takes_spinning(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == EVENT_ACQUIRE &&
            fn->events.items.items[i].lock.kind == LOCK_SPIN)
            return true;
    return false;
}

/* The spinlock under which it is called it gives back meanwhile, and takes it
 * again. */
static bool lets_go(const struct fn *fn)
{
    const struct lock_effects *effects = &fn->summary.locks;

    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == LOCK_EXCURSION)
            return takes_spinning(fn);
    return false;
}

bool query_suspends_in_atomic(const struct query *query,
                              const struct event *event)
{
    return query_suspends(query, event) && !holds_blocking(event) &&
           !is_put_off(event, FREES_BELOW) && !lets_go(query->fn);
}

void diag_mark_atomic(struct check *check, struct diag *diag,
                      const struct query *query)
{
    const struct atomic_start *start = query->fn->atomic;

    if (!start->fn)
        return;
    diag_mark_in(check, diag, MARK_STEP, start->fn, start->op,
                 "'%s' is given to '%s' here", query->fn->name, start->to);
}
