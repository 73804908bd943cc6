/*
 * What belongs to one thread is not given to a task that may run on another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct tally {
    int count;
};

static _Thread_local struct tally of_this_thread;

/* An rc is counted without atomics, by the task that made it. */
ASYNC static void *count_own(void *argument)
{
    rc_auto(struct tally, tally) = argument;

    tally->count++;
    return NULL;
}

ASYNC static void *count_shared(void *argument)
{
    arc_auto(struct tally, tally) = argument;

    tally->count++;
    return NULL;
}

ASYNC static void *count_on(void *argument)
{
    struct tally *tally = argument;

    tally->count++;
    return NULL;
}

ASYNC void bad(void)
{
    rc_auto(struct tally, tally) = rc_new(struct tally, NULL);

    rt_detach(rt_spawn(count_own, /* expect: not-send-across-spawn */
                       rc_clone(tally)));
}

ASYNC void bad_too(void)
{
    rt_detach(rt_spawn(count_on, /* expect: not-send-across-spawn */
                       &of_this_thread));
}

ASYNC void good(void)
{
    arc_auto(struct tally, tally) = arc_new(struct tally, NULL);

    rt_detach(rt_spawn(count_shared, arc_clone(tally)));
}

#else
#include "findings/query_type.h"
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

        if (!event->moves)
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
