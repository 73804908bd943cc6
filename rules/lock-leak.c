/*
 * A lock that is taken must be given back on every way out, or on none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct store {
    struct async_mutex lock;
    int used;
};

ASYNC int bad(struct store *store, int amount)
{
    await async_mutex_lock(&store->lock);
    if (amount < 0)
        return -1; /* expect: lock-leak */
    store->used += amount;
    async_mutex_unlock(&store->lock);
    return 0;
}

ASYNC int good(struct store *store, int amount)
{
    guard(async_mutex)(&store->lock);
    if (amount < 0)
        return -1;
    store->used += amount;
    return 0;
}

#else
#include <string.h>

#include "findings/query_leak.h"
#include "findings/query_release.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_lock_leak = {
    .id = "lock-leak",
    .severity = SEVERITY_ERROR,
    .summary = "a way out of a function keeps a lock that others release",
    .why = "whoever wants the lock next waits for ever",
    .instead = "release the lock before this exit, or use a scoped guard, "
               "which releases it on every way out",
    .check = check_function,
};

/* pthread_exit and the like, with nobody to clean up. */
static bool is_told_at_end(struct check *check, const struct query *query,
                           const struct event *taken)
{
    for_each_event(query, event, EVENT_END) {
        const struct held *held = query_held(event, taken);
        struct diag *diag;

        if (!held || held->has_guard || held->is_weak ||
            query->fn->summary.shields ||
            query_is_ambient(query, &held->lock) ||
            query_is_wake_up(query, &held->lock))
            continue;
        diag = diag_at(check, event->op, SEVERITY_ERROR,
                       "'%s' ends in '%s' with '%s' held%s", query->fn->name,
                       event->callee_name, held->lock.name,
                       query_witness(check, query, held));
        diag_mark_taken(check, diag, taken->op, &held->lock);
        diag_held(check, diag, taken->op, event->op);
        return true;
    }
    return false;
}

/* It is taken once more while it is held, which is told, and one of the two is
 * left over. In a loop, it is the other way round. */
static bool is_taken_twice(const struct query *query, const struct event *taken)
{
    for_each_acquisition(query, event) {
        if (event->held_before && !event->is_try && !event->lock.is_recursive &&
            !strcmp(event->lock.name, taken->lock.name) &&
            !query_comes_back(query, event->op))
            return true;
    }
    return false;
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *taken)
{
    struct leak leak;
    struct diag *diag;

    /* Whoever takes what is destroyed is told of that. */
    if (taken->fates[FATE_DESTROYED] || is_taken_twice(query, taken) ||
        is_told_at_end(check, query, taken) ||
        !query_leak(query, taken, &leak) || query_leaked_by(query, taken) ||
        query_is_named_lock(query) || query_tries_for_callers(query, taken))
        return;
    diag =
        diag_at(check, leak.exit->op,
                leak.is_of_others ? SEVERITY_NOTE : SEVERITY_ERROR,
                "'%s' returns with '%s' held%s", query->fn->name,
                leak.held->lock.name, query_witness(check, query, leak.held));
    diag_mark_taken(check, diag, taken->op, &leak.held->lock);
    diag_held(check, diag, taken->op, leak.exit->op);
    diag_doubt(check, diag, &taken->lock);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, taken)
        if (!query_is_acquisition(query))
            check_acquisition(check, query, taken);
}
#endif
