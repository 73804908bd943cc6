/*
 * A task must not make a call that stops its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>
#include <unistd.h>

struct journal {
    int file;
    int entries;
};

static void journal_save(struct journal *journal)
{
    journal->entries = 0;
    fsync(journal->file); /* expect: blocking-call-in-async */
}

ASYNC void bad(struct journal *journal)
{
    journal_save(journal);
    sleep(1); /* expect: blocking-call-in-async */
}

static void *journal_sync(void *journal)
{
    fsync(((struct journal *)journal)->file);
    return NULL;
}

ASYNC void good(struct journal *journal)
{
    await rt_join(rt_spawn_blocking(journal_sync, journal), NULL);
    await rt_sleep_ms(1000);
}

#else
#include "findings/way.h"
#include "rules/rule.h"

static void check_program(struct check *check, const struct query *query);

const struct rule rule_blocking_call_in_async = {
    .id = "blocking-call-in-async",
    .severity = SEVERITY_WARNING,
    .summary = "a call that may stop the thread is made in a task",
    .why = "as long as the call waits, the thread runs no other task: all of "
           "them are late, and those that the call waits for never come",
    .instead = "call it outside tasks, or on a thread that may block",
    .check_program = check_program,
};

static void help_tell(struct check *check, struct diag *diag,
                      const struct way *way)
{
    const char *instead = way_instead(way);

    if (!instead)
        return;
    if (way->fn == way->end_fn)
        diag_help(check, diag, "use %s", instead);
    else
        diag_help(check, diag,
                  "use %s, which '%s' has to await, or call '%s' on a thread "
                  "that may block",
                  instead, way->end_fn->name, way->end_fn->name);
}

/* The function that makes the call may make more of them. */
static void more_mark(struct check *check, struct diag *diag,
                      const struct way *way)
{
    struct query there = {.fn = way->end_fn};

    for_each_event(&there, event, EVENT_BLOCK) {
        if (event != way->end && query_is_async(&there, event) &&
            stop_kind_of(event) == STOP_CALL)
            diag_mark_in(check, diag, MARK_STEP, way->end_fn, event->op,
                         "so may '%s' here", event->callee_name);
    }
}

static void way_tell(struct check *check, const struct way *way)
{
    const struct event *end = way->end;
    const char *reason = end->meaning ? end->meaning->reason : NULL;
    struct diag *diag;

    if (way->fn == way->end_fn)
        diag = diag_in(check, way->end_fn, end->op, SEVERITY_WARNING,
                       "'%s' may block the thread of async '%s'",
                       end->callee_name, way->fn->name);
    else
        diag = diag_in(check, way->end_fn, end->op, SEVERITY_WARNING,
                       "'%s' may block in '%s', which async '%s' runs",
                       end->callee_name, way->end_fn->name, way->fn->name);
    way_mark(check, diag, way, STOP_CALL);
    if (way->fn != way->end_fn)
        more_mark(check, diag, way);
    if (reason)
        diag_why(check, diag,
                 "it %s, and the thread runs no other task meanwhile", reason);
    way_doubt_context(check, diag, way->end_fn);
    help_tell(check, diag, way);
}

static void check_program(struct check *check, const struct query *query)
{
    struct way_list ways = way_list_build(check, query, STOP_CALL);

    for (uint32_t i = 0; i < ways.items.count; i++)
        way_tell(check, ways.items.items[i]);
}
#endif
