/*
 * A lock must not be copied, moved or overwritten once it is in use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct account {
    struct async_mutex lock;
    int balance;
};

ASYNC int bad(struct account *account)
{
    struct account before = *account; /* expect: lock-copied */

    await async_mutex_lock(&account->lock);
    account->balance++;
    async_mutex_unlock(&account->lock);
    return account->balance - before.balance;
}

ASYNC int good(struct account *account)
{
    int before = account->balance;

    await async_mutex_lock(&account->lock);
    account->balance++;
    async_mutex_unlock(&account->lock);
    return account->balance - before;
}

#else
#include "findings/query_copy.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_lock_copied = {
    .id = "lock-copied",
    .severity = SEVERITY_ERROR,
    .summary = "a lock in use is copied, moved or overwritten",
    .why = "a lock is known by its address: who waits for the one is not woken "
           "by the other, and a copy of a lock that is held is held for ever",
    .instead = "copy the fields that are wanted, or initialise the copy's own "
               "lock; keep what holds locks behind pointers",
    .check = check_function,
};

static const char *what_is_done(enum copy_way way)
{
    switch (way) {
    case COPY_ASSIGN:
        return "copies";
    case COPY_ARGUMENT:
        return "passes by value";
    case COPY_RETURN:
        return "returns by value";
    case COPY_MEMORY:
        return "copies, byte by byte,";
    case COPY_REALLOC:
        return "moves";
    case COPY_CLEAR:
        return "overwrites";
    }
    return "";
}

static void check_function(struct check *check, const struct query *query)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++) {
        struct lock_copy copy;

        if (query_lock_copy(query, op, &copy))
            diag_at(check, op, SEVERITY_ERROR,
                    "'%s' %s '%s', with the lock '%s'", query->fn->name,
                    what_is_done(copy.way), copy.with, copy.name);
    }
}
#endif
