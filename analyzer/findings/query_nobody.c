/*
 * Locks that a function keeps for its callers, and that no caller gives back;
 * and those that it gives back for its callers, or waits with, and that no
 * caller holds. In a whole program all callers are there to be looked at:
 * whoever gives a lock of that class back has it by then, and none has it from
 * this function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/callee.h"
#include "engine/cfg.h"
#include "findings/query_leak.h"
#include "findings/query_release.h"
#include "findings/query_wait.h"

/* What a call says of the lock, in the search from callees to callers. */
enum upward {
    UPWARD_NOT,  /* it is not as was asked */
    UPWARD_DONE, /* it is, and its caller is as far as it goes */
    UPWARD_ON,   /* … if it is so for those who call its caller */
};

struct keepers;
typedef enum upward call_says(const struct keepers *keepers,
                              const struct call *call);

struct keepers {
    const struct query *query;
    const struct calls *calls;
    const char *class;
    call_says *says;
    bool *is_seen; /* by number of the function */
};

static bool is_main(const struct fn *fn)
{
    return !strcmp(fn->name, "main");
}

/* Whether all who call it are known: it is static, or the program is whole. */
static bool is_closed(const struct calls *calls, const struct fn *fn)
{
    return calls_lead_to(calls, fn) && !calls->escapes[fn->number] &&
           !fn->is_entry &&
           (calls->has_main || fn->symbol->flags & IR_SYMBOL_STATIC);
}

/* It begins a thread, a task or the program, and returns to nobody. */
static bool is_root(const struct calls *calls, const struct fn *fn)
{
    return !calls_lead_to(calls, fn) && (fn->is_entry || is_main(fn));
}

/* Whether it is as asked for each caller, all of whom have to be known. */
static bool is_so_up(struct keepers *keepers, const struct fn *fn)
{
    if (keepers->is_seen[fn->number])
        return true;
    keepers->is_seen[fn->number] = true;
    if (!is_closed(keepers->calls, fn))
        return false;
    for_each_call_of(keepers->calls, fn, call)
    {
        enum upward upward = keepers->says(keepers, call);

        if (upward == UPWARD_NOT ||
            (upward == UPWARD_ON && !is_so_up(keepers, call->caller)))
            return false;
    }
    return true;
}

static bool is_so_for_callers(const struct query *query, const char *class,
                              call_says *says)
{
    struct keepers keepers = {
        .query = query,
        .calls = query->order->calls,
        .class = class,
        .says = says,
        .is_seen = arena_array(query->program->arena, query->program->fns.count,
                               sizeof(bool)),
    };

    return is_so_up(&keepers, query->fn);
}

/* Who gives the lock back without having it does so for known callers. */
static bool is_given_in_sight(const struct query *query, const char *class)
{
    const struct class_info *info = query_class(query, class);
    const struct calls *calls = query->order->calls;

    for (uint32_t i = 0; i < info->alone.count; i++)
        if (!is_closed(calls, info->alone.items[i].fn))
            return false;
    return true;
}

/* Whether it gives back what it has from a callee, or what may be that; or its
 * callers' lock, which a callee takes again for them. */
static bool gives_callees(const struct fn *fn, const char *class)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        const struct event *event = &fn->events.items.items[i];

        if (event->kind == EVENT_RELEASE &&
            (event->of_callee || event->unsure || !event->held_before) &&
            !strcmp(event->lock.class, class))
            return true;
    }
    return false;
}

/* Whether its callers are told that it keeps the lock: not where one result
 * stands for both. */
static bool is_told(const struct fn *fn, const char *class)
{
    const struct lock_effects *locks = &fn->summary.locks;

    for (uint32_t i = 0; i < locks->items.count; i++) {
        const struct lock_effect *effect = locks->items.items[i];

        if (effect->kind == LOCK_TAKES &&
            !(effect->held_buckets & effect->free_buckets) &&
            !strcmp(effect->lock.class, class))
            return true;
    }
    return false;
}

static bool is_reached(const struct fn *fn, ir_id op)
{
    return !cfg_block_of(fn->unit, fn->ir, op) ||
           cfg_leads_to(fn, fn->ir->first_op, op);
}

/* Whether the call leaves its caller with such a lock: not in code that nothing
 * leads to, whose release has not been seen either. */
static bool is_left_by(const struct call *call, const char *class)
{
    const struct fn *caller = call->caller;

    for (uint32_t i = 0; i < caller->events.items.count; i++) {
        const struct event *event = &caller->events.items.items[i];

        if (event->op == call->op && event->kind == EVENT_ACQUIRE &&
            !strcmp(event->lock.class, class))
            return true;
    }
    return !is_told(call->callee, class) && is_reached(caller, call->op);
}

/* Up to where threads begin, callers keep what the function keeps. */
static enum upward keeps(const struct keepers *keepers, const struct call *call)
{
    const struct fn *caller = call->caller;

    if (caller->trouble || caller->is_bounded ||
        !is_left_by(call, keepers->class) ||
        gives_callees(caller, keepers->class))
        return UPWARD_NOT;
    return is_root(keepers->calls, caller) ? UPWARD_DONE : UPWARD_ON;
}

/* Handed in by its bare address: each caller knows it by another name. */
static bool is_handed_bare(const struct lock_info *lock)
{
    return lock->is_nameless ||
           (lock->is_parameter && !strchr(lock->class, '.'));
}

bool query_is_given_by_nobody(const struct query *query,
                              const struct event *taken)
{
    const char *class = taken->lock.class;

    /* Who is called here keeps it, too, and is told. */
    if (taken->lock.taken_in && taken->callee != taken->lock.taken_in)
        return false;
    if (is_handed_bare(&taken->lock) || !is_given_in_sight(query, class))
        return false;
    return is_root(query->order->calls, query->fn)
               ? !query_releases(query, class)
               : is_so_for_callers(query, class, keeps);
}

/* What a call does with the lock that its callee gives back, or NULL. */
static const struct event *release_by(const struct call *call,
                                      const char *class)
{
    for (uint32_t i = 0; i < call->caller->events.items.count; i++) {
        const struct event *event = &call->caller->events.items.items[i];

        if (event->op == call->op && event->kind == EVENT_RELEASE &&
            event->callee == call->callee && !strcmp(event->lock.class, class))
            return event;
    }
    return NULL;
}

/* Up to those who can't have been given it, no caller holds it. */
static enum upward lacks(const struct keepers *keepers, const struct call *call)
{
    const struct event *event = release_by(call, keepers->class);
    struct query there = *keepers->query;

    there.fn = call->caller;
    if (!event || event->held_before || event->unsure > event->at_times ||
        call->caller->is_bounded)
        return UPWARD_NOT;
    return query_callers_may_hold(&there, event) ? UPWARD_ON : UPWARD_DONE;
}

static bool is_held_by_nobody(const struct query *query,
                              const struct event *release)
{
    return !is_handed_bare(&release->lock) &&
           is_so_for_callers(query, release->lock.class, lacks);
}

bool query_is_of_callers(const struct query *query, const struct event *release)
{
    return query_callers_may_hold(query, release) &&
           !is_held_by_nobody(query, release);
}

bool query_is_unheld_in_callee(const struct query *query,
                               const struct event *release)
{
    struct query there = *query;

    if (release->held_before || release->unsure)
        return false;
    there.fn = release->callee;
    for (uint32_t i = 0; there.fn && i < there.fn->events.items.count; i++) {
        const struct event *event = &there.fn->events.items.items[i];

        if (event->kind == EVENT_RELEASE && !event->held_before &&
            !event->unsure && !strcmp(event->lock.class, release->lock.class) &&
            query_callers_may_hold(&there, event) &&
            is_held_by_nobody(&there, event))
            return true;
    }
    return false;
}

/* Whether somebody who is not seen may have taken it: by a call that is given
 * something to take it in. */
static bool may_be_taken(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (site->callee.is_call && !site->callee.meaning &&
            !site->callee.body && !site->callee.now.items.count &&
            !site->callee.group && fn->unit->ops.items[site->op].args.count)
            return true;
    }
    return fn->trouble || fn->is_bounded;
}

/* What is held under no name may be any lock. */
static bool is_handed(const struct call *call, const char *class)
{
    const struct event *event = call_event(call->caller, call->op);

    for (uint32_t i = 0; event && i < event->held.count; i++)
        if (event->held.items[i].lock.is_nameless ||
            !strcmp(event->held.items[i].lock.class, class))
            return true;
    return false;
}

/* Up to where threads begin, no caller has it in hand. */
static enum upward hands_none(const struct keepers *keepers,
                              const struct call *call)
{
    if (may_be_taken(call->caller) || is_handed(call, keepers->class))
        return UPWARD_NOT;
    return is_root(keepers->calls, call->caller) ? UPWARD_DONE : UPWARD_ON;
}

bool query_is_handed_by_nobody(const struct query *query,
                               const struct event *wait)
{
    return !is_handed_bare(&wait->lock) && !may_be_taken(query->fn) &&
           is_so_for_callers(query, wait->lock.class, hands_none);
}
