/*
 * What belongs to a thread is not the task's any more once it was suspended:
 * it may go on running on another thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <errno.h>
#include <rt.h>
#include <unistd.h>

struct log {
    int file;
};

ASYNC int bad(struct log *log)
{
    int status = dup2(log->file, 2);

    await rt_yield();
    return status < 0 ? -errno : 0; /* expect: thread-affine-across-await */
}

ASYNC int good(struct log *log)
{
    int status = dup2(log->file, 2) < 0 ? -errno : 0;

    await rt_yield();
    return status;
}

#else
#include "findings/query_guard.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_thread_affine_across_await = {
    .id = "thread-affine-across-await",
    .severity = SEVERITY_WARNING,
    .summary = "what belongs to one thread is used after the task was "
               "suspended",
    .why = "the task may go on on another thread: what it has in hand belongs "
           "to the first one, which other tasks are using by now",
    .instead = "get it again after the await, or copy the value out of it "
               "before",
    .check = check_function,
};

static void error_tell(struct check *check, const struct event *event)
{
    const struct stale *stale = &event->stale;
    struct diag *diag =
        diag_at(check, event->op, SEVERITY_WARNING,
                "errno is read after an await, and may be another thread's");

    diag_mark(check, diag, MARK_STEP, stale->source,
              "'%s' sets errno for its thread here", stale->from);
    diag_mark(check, diag, MARK_AWAIT, stale->left,
              "the task may change threads here");
    diag_why(check, diag,
             "the task may go on on another thread, whose errno says nothing "
             "of this call; and on the same one, other tasks have run");
    diag_help(check, diag, "copy errno into a variable before the await");
}

static void value_tell(struct check *check, const struct event *event)
{
    const struct stale *stale = &event->stale;
    struct diag *diag =
        diag_at(check, event->op, SEVERITY_WARNING,
                "'%s' belongs to the thread that the task ran on before an "
                "await",
                stale->name);

    diag_mark(check, diag, MARK_STEP, stale->source,
              "it comes from '%s', which is the thread's own", stale->from);
    diag_mark(check, diag, MARK_AWAIT, stale->left,
              "the task may change threads here");
}

static void handed_tell(struct check *check, const struct event *event)
{
    const struct stale *stale = &event->stale;
    struct diag *diag =
        diag_at(check, event->op, SEVERITY_WARNING,
                "'%s' is handed what comes from '%s', the thread's own, and "
                "uses it after it was suspended",
                stale->name, stale->from);

    diag_why(check, diag,
             "the task may go on on another thread, and what it uses there is "
             "still the first one's: both change it at once");
}

static void check_function(struct check *check, const struct query *query)
{
    if (!query_may_migrate(query))
        return;
    for_each_event(query, event, EVENT_STALE) {
        if ((event->stale.kind != CARRIED_THREAD &&
             event->stale.kind != CARRIED_ERRNO) ||
            !query_is_async(query, event) || query_is_told(query, event))
            continue;
        if (event->stale.kind == CARRIED_ERRNO)
            error_tell(check, event);
        else if (event->stale.left == event->op)
            handed_tell(check, event);
        else
            value_tell(check, event);
    }
}
#endif
