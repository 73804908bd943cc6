/*
 * A guard holds its lock for as long as it lives, so it has to live somewhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct gauge {
    struct async_mutex lock;
    int value;
};

ASYNC void bad(struct gauge *gauge)
{
    await async_mutex_guard_enter(&gauge->lock); /* expect: guard-discarded */
    gauge->value++;
}

ASYNC void good(struct gauge *gauge)
{
    await guard(async_mutex)(&gauge->lock);
    gauge->value++;
}

#else
#include "findings/query_scope.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_guard_discarded = {
    .id = "guard-discarded",
    .severity = SEVERITY_ERROR,
    .summary = "a guard is made and thrown away",
    .why = "either nothing ever releases the lock, or it is released before "
           "what it should guard is touched",
    .instead = "keep the guard in a variable with its cleanup attribute, in "
               "the scope that uses the data: the guard macro does both",
    .check = check_function,
};

static void check_guard(struct check *check, const struct query *query,
                        const struct event *acquired)
{
    const char *lock = acquired->lock.name;

    switch (query_guard_fate(query, acquired)) {
    case GUARD_KEPT:
        return;
    case GUARD_UNUSED:
        diag_at(check, acquired->op, SEVERITY_ERROR,
                "the guard of '%s' is thrown away: nobody can release it",
                lock);
        return;
    case GUARD_NO_CLEANUP:
        diag_at(check, acquired->op, SEVERITY_ERROR,
                "the guard of '%s' is kept in a variable without a cleanup: "
                "nobody releases it",
                lock);
        return;
    case GUARD_EMPTY:
        diag_at(check, acquired->op, SEVERITY_ERROR,
                "the guard of '%s' ends before anything is done under it",
                lock);
        return;
    }
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired)
        check_guard(check, query, acquired);
}
#endif
