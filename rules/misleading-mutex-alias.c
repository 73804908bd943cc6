/*
 * In a file with async functions, a lock that stops the thread says so by its
 * name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

typedef struct blocking_mutex mutex;

struct bad_store {
    mutex lock;
    int used;
};

struct good_store {
    struct blocking_mutex lock;
    int used;
};

void bad(struct bad_store *store)
{
    blocking_mutex_lock(&store->lock); /* expect: misleading-mutex-alias */
    store->used++;
    blocking_mutex_unlock(&store->lock);
}

void good(struct good_store *store)
{
    blocking_mutex_lock(&store->lock);
    store->used++;
    blocking_mutex_unlock(&store->lock);
}

ASYNC void pause_for_a_moment(void)
{
    await rt_yield();
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_misleading_mutex_alias = {
    .id = "misleading-mutex-alias",
    .severity = SEVERITY_NOTE,
    .is_off = true,
    .summary = "a name that says mutex or lock stands for a blocking one in an "
               "async file",
    .why = "who reads async code takes a mutex for one that tasks may wait "
           "for, and this one stops the thread",
    .instead = "name it for what it is, as in blocking_mutex",
    .check = check_function,
};

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, event) {
        const char *alias = query_lock_alias(query, event);

        if (alias)
            diag_at(check, event->op, SEVERITY_NOTE,
                    "'%s' stands for a lock that stops the thread, in a file "
                    "with async functions",
                    alias);
    }
}
#endif
