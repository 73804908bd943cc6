/*
 * A future or a join handle that nobody awaits: what it stands for, a lock
 * taken, a task finished, never happens as far as its maker can know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct ledger {
    struct async_mutex lock;
    int entries;
};

ASYNC void bad(struct ledger *ledger)
{
    async_mutex_lock_future(&ledger->lock); /* expect: unawaited-lock */
    ledger->entries++;
}

ASYNC void good(struct ledger *ledger)
{
    struct rt_future lock = async_mutex_lock_future(&ledger->lock);

    await rt_await(&lock);
    ledger->entries++;
    async_mutex_unlock(&ledger->lock);
}

#else
#include "findings/query_owed.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_unawaited_lock = {
    .id = "unawaited-lock",
    .severity = SEVERITY_ERROR,
    .summary = "a future or a join handle is never awaited",
    .why = "a future does nothing until it is awaited: the lock is not taken, "
           "and what follows is unguarded; the task of a lost handle can't be "
           "joined any more",
    .instead = "await it on every path, or hand it on to who will",
    .check = check_function,
};

static void tell(struct check *check, const struct query *query, ir_id op,
                 const struct owed *owed)
{
    struct diag *diag;

    if (owed->fate == OWED_DROPPED) {
        diag_at(check, op, SEVERITY_ERROR,
                "'%s' throws away what '%s' returns, which has to be awaited",
                query->fn->name, owed->name);
        return;
    }
    diag = diag_at(check, op, SEVERITY_ERROR,
                   "'%s' does not await what '%s' returns%s", query->fn->name,
                   owed->name,
                   owed->fate == OWED_OVERWRITTEN ? ", and overwrites it"
                                                  : " on each path");
    diag_mark(check, diag, MARK_STEP, owed->at,
              owed->fate == OWED_OVERWRITTEN ? "it is overwritten here"
                                             : "it is lost here");
}

static void check_function(struct check *check, const struct query *query)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++) {
        struct owed owed = query_owed(query, op);

        if (owed.fate != OWED_KEPT)
            tell(check, query, op, &owed);
    }
}
#endif
