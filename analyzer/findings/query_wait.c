/*
 * Answers about waits, see query_wait.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_wait.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/calls.h"
#include "engine/cfg.h"
#include "findings/check.h"

enum {
    CALLERS_LOOKED_AT = 3, /* above the one who wakes; who stands higher up
                              holds locks of another layer */
    CALLEES_LOOKED_AT = 3, /* below what is started */
};

bool query_has_deadline(const struct query *query, const struct event *wait)
{
    return query->fn->unit->ops.items[wait->op].args.count > 2;
}

/* Two readers don't keep each other out. */
static bool is_kept_out(const struct lock_info *taken,
                        const struct lock_info *held)
{
    return !strcmp(taken->class, held->class) &&
           (taken->mode != LOCK_SHARED || held->mode != LOCK_SHARED);
}

static bool has_lock(const struct event *event, const struct lock_info *lock)
{
    for (uint32_t i = 0; i < event->held.count; i++)
        if (is_kept_out(&event->held.items[i].lock, lock))
            return true;
    return false;
}

/* A pointer there has several functions to choose from. */
static bool is_choice(const struct fn *fn, ir_id op)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++)
        if (fn->edges->items.items[i].op == op &&
            fn->edges->items.items[i].count > 1)
            return true;
    return false;
}

/* Whether the one op may be run before the other; 0: before the end. */
static bool comes_before(const struct fn *fn, ir_id op, ir_id end)
{
    const struct ir_unit *unit = fn->unit;

    if (!end || cfg_leads_to(fn, op, end))
        return true;
    return op <= end &&
           cfg_block_of(unit, fn->ir, op) == cfg_block_of(unit, fn->ir, end);
}

/* Whether it takes a lock of that class before the op (0: ever), itself or by
 * its callees; what one of several callees takes, another object may be about.
 */
static bool takes_lock(const struct fn *fn, const struct lock_info *lock,
                       ir_id end)
{
    const struct lock_effects *locks = &fn->summary.locks;

    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == EVENT_ACQUIRE &&
            !fn->events.items.items[i].is_try &&
            is_kept_out(&fn->events.items.items[i].lock, lock) &&
            comes_before(fn, fn->events.items.items[i].op, end))
            return true;
    for (uint32_t i = 0; i < locks->items.count; i++)
        if (locks->items.items[i]->kind == LOCK_USES &&
            !locks->items.items[i]->lock.is_try &&
            is_kept_out(&locks->items.items[i]->lock, lock) &&
            !is_choice(fn, locks->items.items[i]->op) &&
            comes_before(fn, locks->items.items[i]->op, end))
            return true;
    return false;
}

/* Whether a caller, or its caller, holds one when it calls the function. */
static bool is_called_with(const struct query *query, const struct fn *fn,
                           const struct lock_info *lock, int depth)
{
    if (depth <= 0)
        return false;
    for_each_caller(query->callers, fn, from)
    {
        const struct fn *caller = from->fn;
        const struct event *handed;

        if (from->edge->timing != TIMING_NOW)
            continue;
        handed = call_event(caller, from->edge->op);
        if (handed && has_lock(handed, lock))
            return true;
        if (is_called_with(query, caller, lock, depth - 1))
            return true;
    }
    return false;
}

/* Whether all callers do, or theirs; who has others that are not seen, or runs
 * as a callback as well, may wake without it. */
static bool is_always_called_with(const struct query *query,
                                  const struct fn *fn,
                                  const struct lock_info *lock, int depth)
{
    bool is_called = false;

    if (depth <= 0 || fn->is_entry)
        return false;
    for_each_caller(query->callers, fn, from)
    {
        const struct event *handed = call_event(from->fn, from->edge->op);

        if (from->edge->timing != TIMING_NOW ||
            (!(handed && has_lock(handed, lock)) &&
             !is_always_called_with(query, from->fn, lock, depth - 1)))
            return false;
        is_called = true;
    }
    return is_called;
}

/* How often the unit speaks of the global's address; what is given to calls of
 * which something is known does not get away. */
static uint32_t addresses(const struct ir_unit *unit, const char *global)
{
    uint32_t count = 0;

    for (uint32_t i = 1; i < unit->exprs.count; i++) {
        const struct ir_expr *expr = &unit->exprs.items[i];
        const struct ir_expr *of = &unit->exprs.items[expr->a];

        count +=
            expr->kind == IR_EXPR_ADDR && of->kind == IR_EXPR_GLOBAL &&
            !strcmp(ir_text(unit, unit->symbols.items[of->symbol].usr), global);
    }
    return count;
}

static uint32_t addresses_given(const struct fn *fn, const char *global)
{
    const struct ir_unit *unit = fn->unit;
    uint32_t count = 0;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];
        const struct ir_op *op = &unit->ops.items[site->op];

        for (uint32_t k = 0; k < op->args.count && op->kind == IR_CALL &&
                             (site->callee.meaning || site->callee.body);
             k++) {
            const struct ir_expr *arg =
                &unit->exprs.items[ir_list_at(unit, op->args, k)];
            const struct ir_expr *of = &unit->exprs.items[arg->a];

            count += arg->kind == IR_EXPR_ADDR && of->kind == IR_EXPR_GLOBAL &&
                     !strcmp(ir_text(unit, unit->symbols.items[of->symbol].usr),
                             global);
        }
    }
    return count;
}

/* A static lock whose every use is seen. */
static bool is_known_everywhere(const struct query *query,
                                const struct lock_info *lock)
{
    const struct program *program = query->program;
    uint32_t given = 0;

    if (!lock->instance || strcmp(lock->instance, lock->class) != 0 ||
        !strchr(lock->instance, ':') || strchr(lock->instance, '*'))
        return false;
    for (uint32_t i = 0; i < program->fns.count; i++)
        if (program->fns.items[i]->unit == query->fn->unit)
            given += addresses_given(program->fns.items[i], lock->instance);
    return given == addresses(query->fn->unit, lock->instance);
}

enum { CALLERS_OF_WAITS = 16 };

bool query_waits_without(const struct query *query, const struct event *wait)
{
    const struct class_info *info;
    uint32_t not_held = 0;

    for (int i = 0; i < FATE_COUNT; i++)
        not_held += i == FATE_RAW ? 0 : wait->fates[i];
    if (!wait->states || !wait->lock.name || wait->held_before)
        return false;
    if (not_held >= wait->states || !query_callers_may_hold(query, wait) ||
        query_is_handed_by_nobody(query, wait))
        return true;
    info = query_class(query, wait->lock.class);
    return is_known_everywhere(query, &wait->lock) && info && !info->kept.fn &&
           !info->calls_unknown.fn &&
           !is_called_with(query, query->fn, &wait->lock, CALLERS_OF_WAITS);
}

/* Itself, or what it calls, by whatever name it has the lock there. */
static bool takes_below(const struct fn *fn, const struct lock_info *lock,
                        int depth)
{
    if (takes_lock(fn, lock, 0))
        return true;
    for (uint32_t i = 0; depth > 0 && i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        /* Which of several a pointer is, what was started may know. */
        if (edge->by_pointer && (edge->is_handed || edge->count > 1))
            continue;
        for (uint32_t k = 0; edge_is_now(edge) && k < edge->count; k++)
            if (takes_below(edge->to[k], lock, depth - 1))
                return true;
    }
    return false;
}

/* What the op starts, or what that calls, so many deep. */
static bool started_takes(const struct fn *fn, ir_id op,
                          const struct lock_info *lock, int depth)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        if (edge->op != op || !edge->by_callback || edge_is_now(edge))
            continue;
        for (uint32_t k = 0; k < edge->count; k++)
            if (takes_below(edge->to[k], lock, depth))
                return true;
    }
    return false;
}

bool query_starts_taker(const struct query *query, ir_id op,
                        const struct lock_info *lock)
{
    return started_takes(query->fn, op, lock, 0);
}

/* Who goes first, waits for the one before, and then wakes the next: what its
 * callers hold, it held already when the others began to wait. */
static bool takes_turns(const struct fn *fn, const struct event *signal)
{
    const struct query query = {.fn = fn};

    for_each_event(&query, event, EVENT_SUSPEND) {
        if (event->subject && !strcmp(event->subject, signal->subject) &&
            event->op < signal->op)
            return true;
    }
    return false;
}

/* What is queued takes it, of which another signal says what it runs. */
static bool queued_takes(const struct query *query, const char *queued,
                         const struct lock_info *lock)
{
    for (uint32_t i = 0; i < query->signals->items.count; i++) {
        const struct evidence *signal = &query->signals->items.items[i];

        if (signal->event->by_callback && !signal->event->queued &&
            query_is_queued(signal->event, queued) &&
            started_takes(signal->fn, signal->event->op, lock,
                          CALLEES_LOOKED_AT))
            return true;
    }
    return false;
}

static bool signal_takes(const struct query *query, const struct fn *fn,
                         const struct event *signal,
                         const struct lock_info *lock)
{
    if (signal->queued)
        return queued_takes(query, signal->queued, lock);
    /* The signal of a start is given when what is started is over. */
    if (signal->starts)
        return takes_below(signal->starts, lock, CALLEES_LOOKED_AT);
    if (signal->by_callback)
        return started_takes(fn, signal->op, lock, CALLEES_LOOKED_AT);
    return has_lock(signal, lock) || takes_lock(fn, lock, signal->op) ||
           (!takes_turns(fn, signal) &&
            is_always_called_with(query, fn, lock, CALLERS_LOOKED_AT));
}

/* Of a semaphore any permit will do, and of a queue of tasks any wake-up: one
 * who gives it without the lock is enough. */
static bool takes_any(const struct event *wait, const struct event *signal)
{
    return (wait->meaning && wait->meaning->as_mutex) ||
           (wait->kind == EVENT_SUSPEND && !signal->by_callback);
}

static bool is_semaphore(const struct event *wait)
{
    return wait->meaning && wait->meaning->as_mutex;
}

const struct signals *signals_gather(const struct program *program,
                                     struct arena *arena)
{
    struct signals *signals = arena_alloc(arena, sizeof(*signals));

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; k < fn->events.items.count; k++) {
            const struct event *event = &fn->events.items.items[k];
            struct evidence signal = {.fn = fn, .event = event};

            if (event->kind == EVENT_SIGNAL && event->subject)
                vec_add(arena, &signals->items, signal);
        }
    }
    return signals;
}

struct evidence query_waker(const struct query *query, const struct event *wait,
                            const struct lock_info *lock)
{
    const struct signals *signals = query->signals;
    struct evidence found = {0};

    for (uint32_t i = 0; wait->subject && i < signals->items.count; i++) {
        const struct evidence *signal = &signals->items.items[i];

        /* Permits that it gives itself are not those that it waits for. */
        if (!query_is_about(signal->event, wait) ||
            (is_semaphore(wait) && signal->fn == query->fn))
            continue;
        if (!signal_takes(query, signal->fn, signal->event, lock)) {
            if (takes_any(wait, signal->event))
                return (struct evidence){0};
        } else if (!found.fn) {
            found = *signal;
        }
    }
    return found;
}

/* Callees of callees: beyond that a lock is that of another layer. */
enum { WAITS_BELOW = 3 };

/* It is seen what it waits for, and that is not the lock. */
static bool waits_without(const struct event *wait, const struct held *held)
{
    return wait->subject &&
           (!wait->lock.name || (wait->held_before == wait->states &&
                                 strcmp(wait->lock.class, held->lock.class)));
}

/* On every way to the wait. */
static bool is_given_back(const struct event *wait,
                          const struct lock_info *lock)
{
    for (uint32_t i = 0; i < wait->dropped.count; i++)
        if (!strcmp(wait->dropped.items[i], lock->class))
            return true;
    return false;
}

static struct wait_below wait_below(const struct query *query,
                                    const struct fn *fn, enum event_kind kind,
                                    const struct held *held, int depth)
{
    struct wait_below found = {0};

    for (uint32_t i = 0; fn && !found.waker.fn && i < fn->events.items.count;
         i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind != kind)
            continue;
        if (!event->subject && !event->meaning && depth > 1) {
            found = wait_below(query, event->callee, kind, held, depth - 1);
        } else if (waits_without(event, held) &&
                   !is_given_back(event, &held->lock)) {
            found.wait = (struct evidence){.fn = fn, .event = event};
            found.waker = query_waker(query, event, &held->lock);
        }
    }
    return found;
}

struct wait_below query_wait_below(const struct query *query,
                                   const struct event *event,
                                   const struct held *held)
{
    return wait_below(query, event->meaning ? NULL : event->callee, event->kind,
                      held, WAITS_BELOW);
}

/* In the callee itself: beyond that, whether it comes to that is seldom known
 * to the caller. */
static struct evidence excluded_in(const struct fn *fn, const struct held *held)
{
    for (uint32_t i = 0; fn && i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_EXCLUDED &&
            !strcmp(event->lock.class, held->lock.class) &&
            !is_given_back(event, &held->lock))
            return (struct evidence){.fn = fn, .event = event};
    }
    return (struct evidence){0};
}

struct evidence query_excludes(const struct query *query,
                               const struct event *event,
                               const struct held *held)
{
    if (event->kind != EVENT_EXCLUDED)
        return excluded_in(event->callee, held);
    if (strcmp(event->lock.class, held->lock.class) != 0)
        return (struct evidence){0};
    return (struct evidence){.fn = query->fn, .event = event};
}
