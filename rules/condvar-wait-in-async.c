/*
 * A task must not wait for another thread; and whoever waits on a condition
 * variable holds its mutex, and asks again when it wakes up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <pthread.h>
#include <rt.h>

struct inbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct async_mutex async_lock;
    struct async_condvar async_filled;
    int letters;
};

ASYNC void bad(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock); /* expect: blocking-lock-in-async */
    while (!inbox->letters)
        pthread_cond_wait(&inbox->filled, /* expect: condvar-wait-in-async */
                          &inbox->lock);
    inbox->letters--;
    pthread_mutex_unlock(&inbox->lock);
}

ASYNC void good(struct inbox *inbox)
{
    await scoped_guard(async_mutex, &inbox->async_lock)
    {
        while (!inbox->letters)
            await async_condvar_wait(&inbox->async_filled, &inbox->async_lock);
        inbox->letters--;
    }
}

#else
#include "findings/query_retest.h"
#include "findings/query_wait.h"
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);
static void check_program(struct check *check, const struct query *query);

const struct rule rule_condvar_wait_in_async = {
    .id = "condvar-wait-in-async",
    .severity = SEVERITY_ERROR,
    .summary = "a task waits for another thread, or a thread waits carelessly",
    .why = "the thread sleeps until another one wakes it, and runs no other "
           "task meanwhile: not even the one that would",
    .instead = "use what suspends the task only, or let a thread of its own "
               "wait",
    .check = check_function,
    .check_program = check_program,
};

static void way_tell(struct check *check, const struct way *way)
{
    const char *instead = way_instead(way);
    struct diag *diag;

    if (way->fn == way->end_fn)
        diag = diag_in(check, way->end_fn, way->end->op, SEVERITY_ERROR,
                       "'%s' puts the thread of async '%s' to sleep",
                       way->end->callee_name, way->fn->name);
    else
        diag = diag_in(check, way->end_fn, way->end->op, SEVERITY_ERROR,
                       "'%s' puts the thread to sleep in '%s', which async "
                       "'%s' runs",
                       way->end->callee_name, way->end_fn->name, way->fn->name);
    way_mark(check, diag, way, STOP_THREAD);
    way_doubt_context(check, diag, way->end_fn);
    if (instead)
        diag_help(check, diag, "use %s", instead);
}

static void tell_without(struct check *check, const struct event *wait)
{
    struct diag *diag = diag_at(check, wait->op, SEVERITY_ERROR,
                                "'%s' waits with '%s', which is not held",
                                wait->callee_name, wait->lock.name);

    diag_why(check, diag,
             "a wake-up between the question and the wait is lost, and giving "
             "back what is not held is undefined");
    diag_help(check, diag,
              "take '%s' before the question, and keep it until "
              "the wait",
              wait->lock.name);
}

static void tell_once(struct check *check, const struct query *query,
                      const struct event *wait, const char *where)
{
    struct diag *diag = diag_at(
        check, wait->op,
        query_has_deadline(query, wait) ? SEVERITY_WARNING : SEVERITY_ERROR,
        "'%s' waits %s, and '%s' goes on whatever woke it", wait->callee_name,
        where, query->fn->name);

    diag_why(check, diag,
             wait->kind == EVENT_SUSPEND
                 ? "between the signal and the lock another task may have come "
                   "first, and have used up what was waited for (CON36-C)"
                 : "a wait may end without any signal, or with what another "
                   "thread has used up meanwhile (CON36-C)");
    diag_help(check, diag,
              "wait in a loop of its own that asks for the condition again");
}

/* Which threads wait with what, and how; tasks had better not wait at all. */
static void check_wait(struct check *check, const struct query *query,
                       const struct event *wait)
{
    if (query_waits_without(query, wait))
        tell_without(check, wait);
    else if (!wait->meaning ||
             (wait->kind == EVENT_SUSPEND && !wait->meaning->needs_loop))
        return;
    else if (!query_waits_in_loop(query, wait))
        tell_once(check, query, wait, "outside a loop");
    else if (query_goes_on_unasked(query, wait))
        tell_once(check, query, wait, "behind an 'if'");
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_BLOCK) {
        if (event->lock.name && event->meaning->is_wait &&
            !query_is_async(query, event))
            check_wait(check, query, event);
    }
    for_each_event(query, event, EVENT_SUSPEND) {
        if (event->lock.name)
            check_wait(check, query, event);
    }
}

static void tell_pair(struct check *check, const struct wait_pair *pair)
{
    const struct event *wait = pair->wait.event;
    struct diag *diag =
        diag_in(check, pair->wait.fn, wait->op, SEVERITY_WARNING,
                "'%s' waits with '%s', and '%s' for the same with '%s'",
                pair->wait.fn->name, wait->lock.name, pair->other.fn->name,
                pair->other.event->lock.name);

    diag_mark_in(check, diag, MARK_STEP, pair->other.fn, pair->other.event->op,
                 "'%s' waits here", pair->other.fn->name);
    diag_why(check, diag,
             "while one waits with a lock, nobody may wait with another, and "
             "who wakes both holds the lock of one only: a wake-up is lost");
    diag_help(check, diag, "one condition variable for each lock");
}

static void check_program(struct check *check, const struct query *query)
{
    struct wait_pairs pairs = query_wait_pairs(query);
    struct way_list ways = way_list_build(check, query, STOP_THREAD);

    for (uint32_t i = 0; i < ways.items.count; i++)
        way_tell(check, ways.items.items[i]);
    for (uint32_t i = 0; i < pairs.items.count; i++)
        tell_pair(check, &pairs.items.items[i]);
}
#endif
