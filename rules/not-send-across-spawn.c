/*
 * What belongs to one thread is not given to a task that may run on another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct scratch {
    char line[80];
};

static _Thread_local struct scratch scratch;

ASYNC static void *print_task(void *argument)
{
    struct scratch *text = argument;

    text->line[0] = 'x';
    return NULL;
}

void bad(void)
{
    rt_detach(
        rt_spawn(print_task, &scratch)); /* expect: not-send-across-spawn */
}

void good(struct scratch *own)
{
    rt_detach(rt_spawn(print_task, own));
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_not_send_across_spawn = {
    .id = "not-send-across-spawn",
    .severity = SEVERITY_ERROR,
    .summary = "what belongs to one thread is given to a task that may run on "
               "another",
    .why = "two threads use it at the same time, and it was made for one: its "
           "counts and contents get lost",
    .instead = "give the task a copy, or something that is made to be shared "
               "between threads",
    .check = check_function,
};

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_SPAWN) {
        struct type_found found;

        if (!query_moves_threads(event))
            continue;
        if (event->stale.from)
            diag_at(check, event->op, SEVERITY_ERROR,
                    "'%s' is given '%s', which is this thread's own",
                    event->callee_name, event->stale.from);
        else if (query_not_send(check, query, event, &found))
            diag_at(check, event->op, SEVERITY_ERROR,
                    "'%s' is given '%s', a '%s', which must stay on its thread",
                    event->callee_name, found.path, found.type);
    }
}
#endif
