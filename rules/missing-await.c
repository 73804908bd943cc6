/*
 * A call that may suspend says so, in a runtime that wants it to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct lamp {
    bool is_on;
};

ASYNC void bad(struct lamp *lamp)
{
    lamp->is_on = true;
    rt_sleep_ms(10); /* expect: missing-await */
    lamp->is_on = false;
}

ASYNC void good(struct lamp *lamp)
{
    lamp->is_on = true;
    await rt_sleep_ms(10);
    lamp->is_on = false;
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_missing_await = {
    .id = "missing-await",
    .severity = SEVERITY_WARNING,
    .summary = "a call that may suspend is not marked as one",
    .why = "other tasks run before the call returns, and whoever reads the "
           "code does not see where",
    .instead = "mark the call",
    .check = check_function,
};

static void vain_tell(struct check *check, const struct query *query, ir_id op)
{
    struct diag *diag =
        diag_at(check, op, SEVERITY_NOTE,
                "the call of '%s' is marked as one that may suspend, and "
                "never does",
                query_callee_name(query, op));

    diag_why(check, diag,
             "whoever reads the code expects other tasks to run here");
    diag_help(check, diag, "take the marker away");
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_SUSPEND) {
        const struct pack *pack = query_await_lacks(query, event);
        struct diag *diag;
        const char *word;

        if (!pack || !query_is_async(query, event))
            continue;
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "'%s' may suspend the task here, and the call does not "
                       "say so",
                       event->callee_name);
        word = query_marker_word(query, MARKER_AWAIT, pack);
        if (word)
            diag_help(check, diag, "write '%s' in front of the call", word);
    }
    for (ir_id op = query_vain_await(query, 0); op;
         op = query_vain_await(query, op))
        vain_tell(check, query, op);
}
#endif
