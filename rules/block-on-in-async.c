/*
 * A task must not wait, with its whole thread, for other tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

ASYNC static void *fetch(void *page)
{
    await rt_sleep_ms(10);
    return page;
}

ASYNC void bad(const struct rt_config *rt, void *page)
{
    rt_block_on(rt, fetch, page); /* expect: block-on-in-async */
}

ASYNC void good(void *page)
{
    await fetch(page);
}

#else
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_block_on_in_async = {
    .id = "block-on-in-async",
    .severity = SEVERITY_ERROR,
    .summary = "a task waits for other tasks without giving up its thread",
    .why = "the thread waits for tasks that only it could run: on one thread "
           "for ever, on several until they all wait so",
    .instead = "await the async function itself, or spawn it as a task",
    .check = check_function,
};

/* A function that is marked so says it of itself; of a bridge a pack knows. */
static void check_event(struct check *check, const struct query *query,
                        const struct event *event)
{
    const char *instead = NULL;
    struct diag *diag;

    if (event->meaning && event->meaning->is_bridge) {
        diag = diag_at(check, event->op, SEVERITY_ERROR,
                       "'%s' waits for async work inside async '%s'",
                       event->callee_name, query->fn->name);
        instead = model_instead_find(query->fn->view, event->meaning);
    } else {
        diag = diag_at(check, event->op, SEVERITY_ERROR,
                       "'%s' is for code outside tasks, and is called in "
                       "async '%s'",
                       event->callee_name, query->fn->name);
    }
    way_mark_context(check, diag, query->fn);
    way_doubt_context(check, diag, query->fn);
    if (instead)
        diag_help(check, diag, "use %s", instead);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_SYNC_ONLY) {
        if (query_is_async(query, event))
            check_event(check, query, event);
    }
}
#endif
