/*
 * A function that may suspend says so, in a runtime that wants it to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

static void bad(int ms) /* expect: missing-async-marker */
{
    await rt_sleep_ms(ms);
}

ASYNC static void good(int ms)
{
    await rt_sleep_ms(ms);
}

ASYNC void use_both(void)
{
    await bad(1);
    await good(1);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_missing_async_marker = {
    .id = "missing-async-marker",
    .severity = SEVERITY_WARNING,
    .summary = "a function may suspend, and its declaration does not say so",
    .why = "its callers don't see that other tasks run before it returns, nor "
           "that it may be called in a task only",
    .instead = "mark the function, and each declaration of it",
    .check = check_function,
};

static void check_function(struct check *check, const struct query *query)
{
    ir_id op;
    const struct pack *pack = query_async_lacks(query, &op);
    struct diag *diag;
    const char *word;

    if (!pack)
        return;
    diag = diag_of_fn(check, query->fn, SEVERITY_WARNING,
                      "'%s' may suspend, and does not say so", query->fn->name);
    diag_mark(check, diag, MARK_STEP, op, "'%s' suspends here",
              query_callee_name(query, op));
    word = query_marker_word(query, MARKER_ASYNC, pack);
    if (word)
        diag_help(check, diag,
                  "mark the function '%s', and each declaration of it", word);
}
#endif
