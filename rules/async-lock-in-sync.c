/*
 * A lock for tasks is of no use where there are none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct stock {
    struct async_mutex lock;
    struct blocking_mutex thread_lock;
    int items;
};

static struct stock stock;

static void bad(void)
{
    async_mutex_lock(&stock.lock); /* expect: async-lock-in-sync */
    stock.items++;
    async_mutex_unlock(&stock.lock);
}

static void good(void)
{
    blocking_mutex_lock(&stock.thread_lock);
    stock.items++;
    blocking_mutex_unlock(&stock.thread_lock);
}

int main(void)
{
    bad();
    good();
    return 0;
}

#else
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_async_lock_in_sync = {
    .id = "async-lock-in-sync",
    .severity = SEVERITY_WARNING,
    .summary = "a lock for tasks is taken outside all tasks",
    .why = "if the lock is taken, there is no task that could be suspended "
           "until it is free; and if it never is, a lock for threads is "
           "faster",
    .instead = "take a blocking mutex, or do this in a task",
    .check = check_function,
};

/* Some have a variant for threads: it says that it suspends nobody. */
static bool is_for_threads(const struct event *acquired)
{
    return acquired->meaning && acquired->meaning->suspends == ANSWER_NEVER;
}

static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *acquired)
{
    struct diag *diag = diag_at(
        check, acquired->op, SEVERITY_WARNING,
        "async lock '%s' is taken in '%s', where no task can wait for it",
        acquired->lock.name, query->fn->name);

    way_mark_outside(check, diag, query);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired) {
        if (acquired->lock.kind == LOCK_ASYNC && !acquired->is_try &&
            !acquired->lock.taken_in && !is_for_threads(acquired) &&
            query_is_sync(query, acquired) && !query_is_async(query, acquired))
            check_acquisition(check, query, acquired);
    }
}
#endif
