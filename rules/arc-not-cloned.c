/*
 * A task that is given a shared handle needs a reference of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct config {
    int limit;
};

ASYNC static void *watch(void *arg)
{
    arc_auto(struct config, config) = arg;

    config->limit++;
    return NULL;
}

void bad(struct config *config)
{
    rt_detach(rt_spawn(watch, config));
    arc_drop(config); /* expect: arc-not-cloned */
}

void good(struct config *config)
{
    rt_detach(rt_spawn(watch, arc_clone(config)));
    arc_drop(config);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_arc_not_cloned = {
    .id = "arc-not-cloned",
    .severity = SEVERITY_ERROR,
    .summary = "a shared handle is given to a task without a reference of its "
               "own",
    .why = "when the last reference is dropped, the object is freed, and the "
           "task still uses it",
    .instead = "take a reference for the task before it is started, and let "
               "the task drop it",
    .check = check_function,
};

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_STALE) {
        struct diag *diag;

        if (event->stale.kind != CARRIED_SPAWNED)
            continue;
        diag = diag_at(check, event->op, SEVERITY_ERROR,
                       "'%s' drops '%s', and a task was given that reference",
                       event->callee_name, event->stale.name);
        diag_mark(check, diag, MARK_STEP, event->stale.source,
                  "'%s' gives it to a task here, and nobody takes a reference "
                  "for it",
                  event->stale.from);
    }
}
#endif
