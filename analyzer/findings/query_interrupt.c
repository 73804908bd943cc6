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
#include "findings/query_leak.h"

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

/* What the op that takes a lock keeps out meanwhile; of one that gives it
 * back: what it lets in. */
static enum masks masks_of(const struct event *event, enum effect_kind kind)
{
    enum masks masks = MASKS_NOTHING;

    for (int i = 0; event->meaning && i < event->meaning->effect_count; i++) {
        const struct effect *effect = &event->meaning->effects[i];

        if ((effect->kind == EFFECT_RELEASE) == (kind == EFFECT_RELEASE) &&
            effect->masks > masks)
            masks = effect->masks;
    }
    return masks;
}

static void gather_maskers(struct arena *arena, struct interrupts *interrupts,
                           const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *taken = &fn->events.items.items[i];
        struct masker masker = {fn, taken};
        bool is_new;

        if (!is_spinning(taken))
            continue;
        /* Of interrupts many a function keeps out more than it has to. */
        if (masks_of(taken, EFFECT_ACQUIRE) != MASKS_SOFT)
            continue;
        map_add_str(&interrupts->masked, taken->lock.class,
                    interrupts->maskers.count, &is_new);
        if (is_new)
            vec_add(arena, &interrupts->maskers, masker);
    }
}

const struct interrupts *interrupts_gather(const struct program *program,
                                           struct arena *arena)
{
    struct interrupts *interrupts = arena_alloc(arena, sizeof(*interrupts));

    interrupts->masked.arena = arena;
    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        if (fn->atomic && fn->atomic->timing != TIMING_UNKNOWN)
            gather(arena, interrupts, fn, fn, CALLEES_LOOKED_AT);
        gather_maskers(arena, interrupts, fn);
    }
    return interrupts;
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
                        bool is_hard, int depth)
{
    if (fn->atomic)
        return is_hard && fn->atomic->timing == TIMING_ATOMIC && !fn->is_called;
    if (fn->is_interruptible || may_sleep(fn) || is_started_later(query, fn))
        return true;
    for_each_caller(query->callers, fn, caller)
    {
        const struct event *handed = call_event(caller->fn, caller->edge->op);

        if (depth > 0 && caller->edge->timing == TIMING_NOW &&
            !(handed && holds_spinning(handed)) &&
            runs_openly(query, caller->fn, is_hard, depth - 1))
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

static bool restores(const struct event *release)
{
    for (int i = 0; release->meaning && i < release->meaning->effect_count; i++)
        if (release->meaning->effects[i].only_if_held)
            return masks_of(release, EFFECT_RELEASE) == MASKS_NOTHING;
    return false;
}

/* The way in which it is given back says that interrupts were off before it
 * was taken, by whatever other lock. */
static bool restores_later(const struct query *query, const struct event *taken)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event->op > taken->op &&
            !strcmp(event->lock.class, taken->lock.class))
            return restores(event);
    }
    return false;
}

const struct interrupt *query_interrupted(const struct query *query,
                                          const struct event *taken)
{
    const struct interrupts *interrupts = query->interrupts;

    if (!is_spinning(taken) || holds_spinning(taken) ||
        restores_later(query, taken))
        return NULL;
    for (uint32_t i = 0; i < interrupts->items.count; i++) {
        const struct interrupt *interrupt = &interrupts->items.items[i];
        bool is_hard = interrupt->fn->atomic->timing == TIMING_INTERRUPT;

        if (strcmp(interrupt->taken->lock.class, taken->lock.class) != 0 ||
            masks_of(taken, EFFECT_ACQUIRE) >=
                (is_hard ? MASKS_ALL : MASKS_SOFT) ||
            (taken->lock.mode == LOCK_SHARED &&
             interrupt->taken->lock.mode == LOCK_SHARED))
            continue;
        if (!calls_it(interrupt->fn, query->fn, CALLEES_LOOKED_AT) &&
            runs_openly(query, query->fn, is_hard, CALLERS_LOOKED_AT) &&
            !is_around_start(query, interrupt->fn))
            return interrupt;
    }
    return NULL;
}

const struct masker *query_masked_elsewhere(const struct query *query,
                                            const struct event *taken)
{
    const struct interrupts *interrupts = query->interrupts;
    const uint32_t *number;
    const struct masker *masker;

    /* Readers that only readers may interrupt are right without. */
    if (!is_spinning(taken) || holds_spinning(taken) ||
        taken->lock.mode == LOCK_SHARED ||
        masks_of(taken, EFFECT_ACQUIRE) != MASKS_NOTHING)
        return NULL;
    number = map_find_str(&interrupts->masked, taken->lock.class);
    if (!number)
        return NULL;
    masker = &interrupts->maskers.items[*number];
    /* Who sleeps, too, keeps them out by habit as likely as not. */
    if (masker->fn == query->fn || runs_openly(query, masker->fn, false, 0) ||
        !runs_openly(query, query->fn, false, CALLERS_LOOKED_AT))
        return NULL;
    return masker;
}

/* The lock is taken with interrupts off, in the function itself, which does
 * not forget to give it back. */
static bool is_taken_masked(const struct query *query, const struct held *held)
{
    struct leak leak;

    for_each_acquisition(query, taken) {
        if (taken->op == held->acquired)
            return masks_of(taken, EFFECT_ACQUIRE) == MASKS_ALL &&
                   !query_leak(query, taken, &leak);
    }
    return false;
}

static const struct held *held_masked(const struct query *query,
                                      const struct event *at,
                                      const struct lock_info *given_back)
{
    for (uint32_t i = 0; i < at->held.count; i++) {
        const struct held *held = &at->held.items[i];

        if (held->must && !held->is_weak && held->lock.kind == LOCK_SPIN &&
            !held->lock.is_section && *held->lock.class &&
            strcmp(held->lock.class, given_back->class) != 0 &&
            strcmp(held->lock.name, given_back->name) != 0 &&
            is_taken_masked(query, held))
            return held;
    }
    return NULL;
}

static bool turns_on(const struct event *release)
{
    return release->kind == EVENT_RELEASE &&
           masks_of(release, EFFECT_RELEASE) != MASKS_NOTHING;
}

/* Besides the lock that it gives back, which may be held by another name. */
static bool holds_another(const struct event *release)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < release->held.count; i++)
        count += release->held.items[i].lock.kind == LOCK_SPIN &&
                 !release->held.items[i].lock.is_section;
    return release->held_before && count > 1;
}

/* It has taken the lock itself, with all of its caller's still held. */
static bool takes_it_itself(const struct fn *fn, const struct event *release,
                            const char *outer)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_RELEASE && !strcmp(event->lock.class, outer))
            return false;
        if (event->kind == EVENT_ACQUIRE && event->op < release->op &&
            !strcmp(event->lock.class, release->lock.class))
            return event->dropped.count == 0;
    }
    return false;
}

struct let_in query_lets_in(const struct query *query, const struct event *at)
{
    static const struct lock_info nothing = {.name = "", .class = ""};
    struct let_in found = {NULL, query->fn, at};

    if (turns_on(at) && holds_another(at))
        found.held = held_masked(query, at, &at->lock);
    if (at->kind != EVENT_HANDS_LOCK)
        return found;
    if (at->meaning && at->meaning->needs_interrupts)
        found.held = held_masked(query, at, &nothing);
    if (!at->callee || at->meaning)
        return found;
    for (uint32_t i = 0; i < at->callee->events.items.count; i++) {
        const struct event *release = &at->callee->events.items.items[i];

        if (!turns_on(release))
            continue;
        found.held = held_masked(query, at, &release->lock);
        if (found.held &&
            takes_it_itself(at->callee, release, found.held->lock.class)) {
            found.in = at->callee;
            found.release = release;
            return found;
        }
        found.held = NULL;
    }
    return found;
}

/* Whether what the signal's op starts runs as a softirq does. */
static bool is_softirq(const struct evidence *signal)
{
    for (uint32_t i = 0; i < signal->fn->edges->items.count; i++) {
        const struct call_edge *edge = &signal->fn->edges->items.items[i];

        if (edge->op == signal->event->op && edge->by_callback &&
            edge->timing == TIMING_ATOMIC)
            return true;
    }
    return false;
}

struct evidence query_waits_for_softirq(const struct query *query,
                                        const struct event *wait)
{
    const struct atomic_start *start = query->fn->atomic;

    for (uint32_t i = 0; start && start->timing == TIMING_INTERRUPT &&
                         wait->subject && i < query->signals->items.count;
         i++) {
        const struct evidence *signal = &query->signals->items.items[i];

        if (signal->event->by_callback && query_is_about(signal->event, wait) &&
            is_softirq(signal))
            return *signal;
    }
    return (struct evidence){0};
}
