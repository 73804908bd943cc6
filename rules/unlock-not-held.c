/*
 * What is not held must not be given back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct account {
    struct async_mutex lock;
    int balance;
};

ASYNC int bad(struct account *account, int amount)
{
    await async_mutex_lock(&account->lock);
    account->balance += amount;
    async_mutex_unlock(&account->lock);
    if (amount > 0)
        return 0;
    async_mutex_unlock(&account->lock); /* expect: unlock-not-held */
    return -1;
}

ASYNC int good(struct account *account, int amount)
{
    guard(async_mutex)(&account->lock);
    account->balance += amount;
    return amount > 0 ? 0 : -1;
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_unlock_not_held = {
    .id = "unlock-not-held",
    .severity = SEVERITY_ERROR,
    .summary = "a lock is given back that was given back before",
    .why = "it is somebody else's by then: two holders at a time, or a lock "
           "in a state that nothing is said of",
    .instead = "release the lock once on each path, or let a scoped guard do "
               "it",
    .check = check_function,
};

static void tell_where_released(struct check *check, const struct query *query,
                                struct diag *diag, const struct event *again)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event != again && !strcmp(event->lock.class, again->lock.class))
            diag_mark(check, diag, MARK_STEP, event->op,
                      "it is given back here");
    }
}

/* Only what no path holds: one that may be held is another rule's business. */
static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_RELEASE) {
        struct diag *diag;

        if (!event->released_before || event->released_before != event->states)
            continue;
        diag = diag_at(check, event->op, SEVERITY_ERROR,
                       "'%s' gives '%s' back, which it has given back already",
                       query->fn->name, event->lock.name);
        tell_where_released(check, query, diag, event);
    }
}
#endif
