/*
 * A scoped guard may be a loop: a break in it ends the guard's block, not the
 * loop that is written around it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct table {
    struct async_mutex lock;
    int rows[8];
};

ASYNC int bad(struct table *table, int wanted)
{
    int at;

    for (at = 0; at < 8; at++) {
        await scoped_guard(async_mutex, &table->lock)
        {
            if (table->rows[at] == wanted)
                break; /* expect: guard-hidden-loop */
        }
    }
    return at;
}

ASYNC int good(struct table *table, int wanted)
{
    bool found = false;
    int at;

    for (at = 0; at < 8 && !found; at++) {
        await scoped_guard(async_mutex, &table->lock)
        {
            found = table->rows[at] == wanted;
        }
    }
    return at;
}

#else
#include "findings/query_scope.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_guard_hidden_loop = {
    .id = "guard-hidden-loop",
    .severity = SEVERITY_WARNING,
    .summary = "a break or continue ends a guard's block, not the loop around",
    .why = "the guard's macro hides a loop of its own, which is what they are "
           "about: the loop that is meant goes on",
    .instead = "leave the block first, and decide by a flag after it, or use a "
               "guard variable in the loop's body",
    .check = check_function,
};

static void check_function(struct check *check, const struct query *query)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++) {
        const char *macro = query_hidden_loop(query, op);

        if (macro)
            diag_at(check, op, SEVERITY_WARNING,
                    "in '%s' this ends the block of '%s' only, not the loop "
                    "or switch around it",
                    query->fn->name, macro);
    }
}
#endif
