/*
 * Answers about interrupts, see query_interrupt.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_interrupt.h"

#include <string.h>

#include "engine/atomic.h"
#include "engine/calls.h"
#include "findings/query_end.h"

enum {
    CALLEES_LOOKED_AT = 2, /* below a handler */
    CALLERS_LOOKED_AT = 1, /* above who takes the lock */
    STARTS_LOOKED_AT = 2,  /* around what starts the handler */
};

static bool is_spinning(const struct event *event)
{
    return event->kind == EVENT_ACQUIRE && event->lock.kind == LOCK_SPIN &&
           event->meaning && !event->is_try && !event->lock.is_section &&
           !event->lock.is_recursive && !event->lock.is_nameless &&
           *event->lock.class;
}

static void gather(struct arena *arena, struct interrupts *interrupts,
                   const struct fn *handler, const struct fn *fn, int depth)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        struct interrupt found = {handler, fn, &fn->events.items.items[i]};

        if (is_spinning(found.taken))
            vec_add(arena, &interrupts->items, found);
    }
    for (uint32_t i = 0; depth > 0 && i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        if (edge_is_now(edge) && !edge->by_pointer && !edge->by_callback)
            gather(arena, interrupts, handler, edge->to[0], depth - 1);
    }
}

const struct interrupts *interrupts_gather(const struct program *program,
                                           struct arena *arena)
{
    struct interrupts *interrupts = arena_alloc(arena, sizeof(*interrupts));

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        if (fn->atomic && fn->atomic->timing != TIMING_UNKNOWN)
            gather(arena, interrupts, fn, fn, CALLEES_LOOKED_AT);
    }
    return interrupts;
}

/* What the op that takes the lock keeps out meanwhile. */
static enum masks masks_of(const struct event *taken)
{
    enum masks masks = MASKS_NOTHING;

    for (int i = 0; i < taken->meaning->effect_count; i++)
        if (taken->meaning->effects[i].masks > masks)
            masks = taken->meaning->effects[i].masks;
    return masks;
}

static bool holds_spinning(const struct event *event)
{
    for (uint32_t i = 0; i < event->held.count; i++)
        if (event->held.items[i].lock.kind == LOCK_SPIN)
            return true;
    return false;
}

/* It sleeps, so it runs where interrupts come. */
static bool may_sleep(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_SUSPEND && event->meaning &&
            answer_can_be(event->answer) && !holds_spinning(event) &&
            !meaning_has(event->meaning, EFFECT_FREE))
            return true;
    }
    return false;
}

static bool is_started_later(const struct query *query, const struct fn *fn)
{
    for_each_caller(query->callers, fn, caller)
    {
        if (caller->edge->timing == TIMING_LATER)
            return true;
    }
    return false;
}

/* Whether nothing keeps interrupts of that kind out where it is called. */
static bool runs_openly(const struct query *query, const struct fn *fn,
                        const struct fn *handler, int depth)
{
    bool is_hard = handler->atomic->timing == TIMING_INTERRUPT;

    if (fn->atomic)
        return is_hard && fn->atomic->timing == TIMING_ATOMIC && !fn->is_called;
    if (fn->is_interruptible || may_sleep(fn) || is_started_later(query, fn))
        return true;
    for_each_caller(query->callers, fn, caller)
    {
        const struct event *handed = call_event(caller->fn, caller->edge->op);

        if (depth > 0 && caller->edge->timing == TIMING_NOW &&
            !(handed && holds_spinning(handed)) &&
            runs_openly(query, caller->fn, handler, depth - 1))
            return true;
    }
    return false;
}

static bool calls_it(const struct fn *fn, const struct fn *other, int depth)
{
    if (fn == other)
        return true;
    for (uint32_t i = 0; depth > 0 && i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        for (uint32_t k = 0; edge_is_now(edge) && k < edge->count; k++)
            if (calls_it(edge->to[k], other, depth - 1))
                return true;
    }
    return false;
}

/* Before it starts, and after it has been waited for, none comes. */
static bool is_around_start(const struct query *query, const struct fn *handler)
{
    const struct fn *start = handler->atomic->fn;

    if (calls_it(start, query->fn, STARTS_LOOKED_AT) ||
        calls_it(query->fn, start, STARTS_LOOKED_AT))
        return true;
    for (uint32_t i = 0; i < query->fn->events.items.count; i++) {
        const struct event *event = &query->fn->events.items.items[i];

        if ((event->kind == EVENT_SUSPEND || event->kind == EVENT_SPIN) &&
            event->subject && query_waits_for(query, event, handler))
            return true;
    }
    return false;
}

const struct interrupt *query_interrupted(const struct query *query,
                                          const struct event *taken)
{
    const struct interrupts *interrupts = query->interrupts;

    if (!is_spinning(taken) || holds_spinning(taken))
        return NULL;
    for (uint32_t i = 0; i < interrupts->items.count; i++) {
        const struct interrupt *interrupt = &interrupts->items.items[i];
        bool is_hard = interrupt->fn->atomic->timing == TIMING_INTERRUPT;

        if (strcmp(interrupt->taken->lock.class, taken->lock.class) != 0 ||
            masks_of(taken) >= (is_hard ? MASKS_ALL : MASKS_SOFT) ||
            (taken->lock.mode == LOCK_SHARED &&
             interrupt->taken->lock.mode == LOCK_SHARED))
            continue;
        if (!calls_it(interrupt->fn, query->fn, CALLEES_LOOKED_AT) &&
            runs_openly(query, query->fn, interrupt->fn, CALLERS_LOOKED_AT) &&
            !is_around_start(query, interrupt->fn))
            return interrupt;
    }
    return NULL;
}
