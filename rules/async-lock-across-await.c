/*
 * An async lock should not be held over an await that has nothing to do with
 * what it guards.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct cache {
    struct async_mutex lock;
    int hits;
};

ASYNC void bad(struct cache *cache)
{
    guard(async_mutex)(&cache->lock);
    cache->hits++;
    await rt_sleep_ms(500); /* expect: async-lock-across-await */
}

ASYNC void good(struct cache *cache)
{
    await scoped_guard(async_mutex, &cache->lock)
    {
        cache->hits++;
    }
    await rt_sleep_ms(500);
}

#else
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_async_lock_across_await = {
    .id = "async-lock-across-await",
    .severity = SEVERITY_WARNING,
    .summary = "an async lock is held over an await that does not use what "
               "it guards",
    .why = "every task that wants the lock waits until this await is over, "
           "although nothing that the lock guards is in use",
    .instead = "end the guard's scope, or drop the guard, before the await",
    .check = check_function,
};

static enum severity severity_of(const struct held *held, enum policy sections)
{
    return held->must && !held->uses_it && sections == POLICY_REPORT
               ? SEVERITY_WARNING
               : SEVERITY_NOTE;
}

/* Where every await that is crossed works on what the lock guards. */
static void tell_it_is_used(struct check *check, struct diag *diag)
{
    diag_why(check, diag,
             "every task that wants the lock waits until this await is over; "
             "that is what the lock is for, as long as the wait is short");
    diag_help(check, diag,
              "bound the wait by a timeout, or let one task own what the "
              "lock guards and send it requests");
}

/* The callee waits for the lock itself: that is self-deadlock's. */
static bool is_taken_again(const struct query *query, const struct event *await,
                           const struct event *acquired)
{
    for_each_event(query, event, EVENT_RETAKE) {
        if (event->op == await->op && event->held_before &&
            !strcmp(event->lock.class, acquired->lock.class))
            return true;
    }
    return false;
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *acquired,
                              enum policy sections)
{
    struct diag *diag = NULL;
    bool is_used = true;

    for_each_event(query, event, EVENT_SUSPEND) {
        const struct held *held = query_held(event, acquired);

        if (!held || held->is_weak || !query_suspends(query, event) ||
            event->is_acquisition || is_taken_again(query, event, acquired))
            continue;
        if (!diag) {
            diag = diag_at(check, event->op, severity_of(held, sections),
                           "async lock '%s' is held across '%s'%s",
                           held->lock.name, event->callee_name,
                           query_witness(check, query, held));
            diag_mark_taken(check, diag, acquired->op, &held->lock);
            way_mark_suspension(check, diag, query, event);
        }
        diag_mark(check, diag, MARK_AWAIT, event->op,
                  held->uses_it ? "'%s' suspends here, using what it guards"
                                : "'%s' suspends here, with no use for it",
                  event->callee_name);
        diag_held(check, diag, acquired->op, event->op);
        diag_raise(check, diag, severity_of(held, sections));
        is_used = is_used && held->uses_it;
    }
    if (diag && is_used)
        tell_it_is_used(check, diag);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired) {
        enum policy sections = query_policy(query, acquired, SECTION_ASYNC);

        if (acquired->lock.kind == LOCK_ASYNC && sections != POLICY_ALLOW)
            check_acquisition(check, query, acquired, sections);
    }
}
#endif
