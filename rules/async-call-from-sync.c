/*
 * What is for tasks must not be called where there is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

ASYNC static void *greet(void *name)
{
    await rt_sleep_ms(10);
    return name;
}

static void bad(void)
{
    greet("you"); /* expect: async-call-from-sync */
}

static void good(void)
{
    rt_block_on(NULL, greet, "you");
}

int main(void)
{
    bad();
    good();
    return 0;
}

#else
#include "findings/query_atomic.h"
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_async_call_from_sync = {
    .id = "async-call-from-sync",
    .severity = SEVERITY_ERROR,
    .summary = "a function that is for tasks is called outside all tasks",
    .why = "where it suspends there is no task to suspend, and no executor to "
           "go on meanwhile: it crashes, or never comes back",
    .instead = "spawn it as a task, or go through what waits for tasks from "
               "sync code",
    .check = check_function,
};

static void check_event(struct check *check, const struct query *query,
                        const struct event *event)
{
    bool is_mixed = query->fn->context & CONTEXT_ASYNC;
    struct diag *diag =
        diag_at(check, event->op, is_mixed ? SEVERITY_NOTE : SEVERITY_ERROR,
                is_mixed ? "'%s' is for tasks, and '%s' runs outside them, too"
                         : "'%s' is for tasks, and '%s' runs in none",
                event->callee_name, query->fn->name);

    way_mark_outside(check, diag, query);
}

/* Not only by one of many functions that a pointer may be. */
static bool suspends_surely(const struct query *query)
{
    for_each_event(query, event, EVENT_SUSPEND) {
        if (!event->is_doubted && query_suspends_in_atomic(query, event))
            return true;
    }
    return false;
}

/* Where nothing may suspend: one finding for the function. */
static void check_atomic(struct check *check, const struct query *query)
{
    struct diag *diag = NULL;

    bool is_sure = suspends_surely(query);

    for_each_event(query, event, EVENT_SUSPEND) {
        if (!query_suspends_in_atomic(query, event) ||
            (is_sure && event->is_doubted))
            continue;
        if (!diag) {
            diag = diag_at(check, event->op,
                           is_sure ? SEVERITY_ERROR : SEVERITY_NOTE,
                           "'%s' may suspend, and '%s' runs where nothing may",
                           event->callee_name, query->fn->name);
            diag_mark_atomic(check, diag, query);
            diag_why(check, diag,
                     "it interrupts others in what they do, and there is no "
                     "task of its own to suspend: the processor hangs or "
                     "crashes");
            diag_help(check, diag,
                      "do it later, in a task, or without waiting");
        } else {
            diag_mark(check, diag, MARK_AWAIT, event->op,
                      "'%s' may suspend, too", event->callee_name);
        }
    }
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_ASYNC_ONLY) {
        if (!event->is_acquisition && query_is_sync(query, event))
            check_event(check, query, event);
    }
    if (query->fn->atomic)
        check_atomic(check, query);
}
#endif
