/*
 * A blocking lock must not be held where the task suspends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct room {
    struct blocking_mutex lock;
    struct rt_tcp_stream *member;
    int sent;
};

ASYNC void bad(struct room *room)
{
    guard(blocking_mutex)(&room->lock);
    await rt_sleep_ms(10); /* expect: blocking-lock-across-await */
    room->sent++;
}

ASYNC void good(struct room *room)
{
    await rt_sleep_ms(10);
    room->sent++;
}

#else
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_blocking_lock_across_await = {
    .id = "blocking-lock-across-await",
    .severity = SEVERITY_ERROR,
    .summary = "a blocking lock is held where the task suspends",
    .why = "while the task is suspended, the next task that wants the lock "
           "stops its whole thread, and on a one-thread executor the holder "
           "can then never be resumed to release it; on several threads the "
           "task may resume on another one, where unlocking is undefined "
           "(POS48-C)",
    .instead = "release the lock before the await, copying what is needed "
               "out of it, or take an async mutex",
    .check = check_function,
};

/* What suspends there, where it is a parameter, or a callee's callee. */
static void how_mark(struct check *check, struct diag *diag,
                     const struct query *query, const struct event *event)
{
    if (event->is_given)
        diag_mark_in(check, diag, MARK_STEP, event->callee,
                     event->callee->summary.suspends_at,
                     "'%s' may be '%s', which suspends here",
                     event->callee_name, event->callee->name);
    else
        way_mark_suspension(check, diag, query, event);
}

/* The lock as it is held at an await that it crosses, or NULL. */
static const struct held *held_across(const struct query *query,
                                      const struct event *acquired,
                                      const struct event *await)
{
    const struct held *held = query_held(await, acquired);

    return held && !held->is_weak && sure_minds(await, held) &&
                   query_suspends(query, await)
               ? held
               : NULL;
}

/* The first await that it crosses, or the first that is no doubt one. */
static const struct event *first_await(const struct query *query,
                                       const struct event *acquired)
{
    const struct event *first = NULL;

    for_each_event(query, event, EVENT_SUSPEND) {
        if (held_across(query, acquired, event) &&
            (!first || (first->is_doubted && !event->is_doubted)))
            first = event;
    }
    return first;
}

static enum severity severity_of(const struct event *await,
                                 const struct held *held)
{
    if (await->is_doubted)
        return SEVERITY_NOTE;
    return held->must ? SEVERITY_ERROR : SEVERITY_WARNING;
}

/* One finding for each acquisition, with the way down from the first await. */
static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *acquired)
{
    const struct event *first = first_await(query, acquired);
    const struct held *held = first ? query_held(first, acquired) : NULL;
    struct diag *diag;

    if (!first)
        return;
    diag = diag_at(check, first->op, severity_of(first, held),
                   "blocking lock '%s' is held while '%s' suspends%s",
                   held->lock.name, query->fn->name,
                   query_witness(check, query, held));
    diag_mark_taken(check, diag, acquired->op, &held->lock);
    how_mark(check, diag, query, first);
    for_each_event(query, event, EVENT_SUSPEND) {
        held = held_across(query, acquired, event);
        if (!held || event->is_doubted != first->is_doubted)
            continue;
        diag_mark(check, diag, MARK_AWAIT, event->op,
                  "'%s' suspends here, still holding it", event->callee_name);
        diag_held(check, diag, acquired->op, event->op);
        diag_raise(check, diag, severity_of(event, held));
    }
    if (first->is_doubted)
        way_doubt_choice(check, diag);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired) {
        if (lock_is_blocking(&acquired->lock))
            check_acquisition(check, query, acquired);
    }
}
#endif
