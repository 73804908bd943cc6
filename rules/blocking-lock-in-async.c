/*
 * Async code should not take a blocking lock; how bad it is depends on what
 * the holders of that lock do, anywhere in the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct session {
    struct blocking_mutex lock;
    struct async_mutex async_lock;
    int count;
};

ASYNC void bad(struct session *session)
{
    blocking_mutex_lock(&session->lock); /* expect: blocking-lock-in-async */
    session->count++;
    blocking_mutex_unlock(&session->lock);
}

ASYNC void good(struct session *session)
{
    await async_mutex_lock(&session->async_lock);
    session->count++;
    async_mutex_unlock(&session->async_lock);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_blocking_lock_in_async = {
    .id = "blocking-lock-in-async",
    .severity = SEVERITY_ERROR,
    .summary = "a blocking lock is taken in async code",
    .why = "if the lock is taken, the thread sleeps, and with it every task "
           "that it runs",
    .instead = "take an async mutex in tasks; keep blocking mutexes for sync "
               "code and for what runs on the blocking pool",
    .check = check_function,
};

static void evidence_tell(struct check *check, struct diag *diag,
                          const struct evidence *evidence, const char *what)
{
    diag_mark_in(check, diag, MARK_STEP, evidence->fn, evidence->event->op,
                 "'%s' %s while holding it", evidence->fn->name, what);
    diag_mark_in(check, diag, MARK_STEP, evidence->fn, evidence->acquired,
                 "taken there");
}

/* The worst that a holder of the class does, told as the reason. */
static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *event)
{
    const struct class_info *info = query_class(query, event->lock.class);
    const char *name = event->lock.name;
    struct diag *diag;

    if (info->suspends.fn) {
        diag = diag_at(check, event->op, SEVERITY_ERROR,
                       "blocking lock '%s' is taken in async '%s', and its "
                       "holder may be suspended",
                       name, query->fn->name);
        evidence_tell(check, diag, &info->suspends, "suspends");
    } else if (query_is_ambient(query, &event->lock)) {
        return;
    } else if (info->blocks.fn) {
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "blocking lock '%s' is taken in async '%s', and its "
                       "holder may block",
                       name, query->fn->name);
        evidence_tell(check, diag, &info->blocks, "blocks");
    } else if (info->loops.fn) {
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "blocking lock '%s' is taken in async '%s', and its "
                       "holder may loop for ever",
                       name, query->fn->name);
        evidence_tell(check, diag, &info->loops,
                      "goes round in a loop that others have to end");
    } else if (info->calls_unknown.fn) {
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "blocking lock '%s' is taken in async '%s', and its "
                       "holder calls through a pointer that nothing is known "
                       "of",
                       name, query->fn->name);
        evidence_tell(check, diag, &info->calls_unknown,
                      "calls through a pointer");
    } else if (query_reports_short(query, event)) {
        diag_at(check, event->op, SEVERITY_WARNING,
                "blocking lock '%s' is taken in async '%s', though only for "
                "short critical sections",
                name, query->fn->name);
    }
}

/* Held here until the task suspends: the same mistake, and a worse one, of
 * which blocking-lock-across-await tells. */
static bool is_held_while_suspended(const struct query *query,
                                    const struct event *acquired)
{
    for_each_event(query, event, EVENT_SUSPEND) {
        const struct held *held = query_held(event, acquired);

        if (held && !held->is_weak && query_suspends(query, event))
            return true;
    }
    return false;
}

/* A semaphore's wait is told by condvar-wait-in-async. */
static bool is_wait(const struct event *event)
{
    return event->meaning && event->meaning->is_wait;
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_ACQUIRE) {
        if (query_is_async(query, event) && lock_is_blocking(&event->lock) &&
            !event->is_try && !event->lock.taken_in && !is_wait(event) &&
            query_makes_wait(query, &event->lock) &&
            !is_held_while_suspended(query, event))
            check_acquisition(check, query, event);
    }
}
#endif
