/*
 * Who may be cancelled must not hold a lock that only a call behind that place
 * gives back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <pthread.h>
#include <unistd.h>

struct monitor {
    pthread_mutex_t lock;
    int file;
    char state;
};

static void *bad(void *argument)
{
    struct monitor *monitor = argument;

    pthread_mutex_lock(&monitor->lock);
    pthread_testcancel(); /* expect: cancel-leaks-lock */
    monitor->state = 0;
    pthread_mutex_unlock(&monitor->lock);
    return NULL;
}

static void *good(void *argument)
{
    struct monitor *monitor = argument;
    char state;

    read(monitor->file, &state, 1);
    pthread_mutex_lock(&monitor->lock);
    monitor->state = state;
    pthread_mutex_unlock(&monitor->lock);
    return NULL;
}

void watch(struct monitor *monitor)
{
    pthread_t threads[2];

    pthread_create(&threads[0], NULL, bad, monitor);
    pthread_create(&threads[1], NULL, good, monitor);
    pthread_cancel(threads[0]);
    pthread_cancel(threads[1]);
}

#else
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_cancel_leaks_lock = {
    .id = "cancel-leaks-lock",
    .severity = SEVERITY_ERROR,
    .summary = "a task or thread may be cancelled while it holds a lock",
    .why = "the call that releases the lock is never made then, and whoever "
           "wants the lock waits for ever",
    .instead = "release the lock before, hold it by a scoped guard or with a "
               "cleanup handler, or defer cancellation meanwhile",
    .check = check_function,
};

static bool is_told(const struct query *query, const struct event *event,
                    const struct held *held)
{
    for_each_event(query, earlier, event->kind) {
        const struct held *there = query_held_too(earlier, held);

        if (earlier == event)
            return false;
        if (there && !there->is_weak &&
            query_cancel(query, earlier) != CANCEL_NEVER)
            return true;
    }
    return false;
}

static void held_tell(struct check *check, const struct query *query,
                      const struct event *event, const struct held *held)
{
    bool always = query_cancel(query, event) == CANCEL_ALWAYS;
    enum severity severity = always       ? SEVERITY_ERROR
                             : held->must ? SEVERITY_WARNING
                                          : SEVERITY_NOTE;
    struct diag *diag = diag_at(
        check, event->op, severity,
        "'%s' may be cancelled in '%s' while it holds '%s'%s", query->fn->name,
        event->callee_name, held->lock.name, query_witness(check, query, held));

    diag_mark_taken(check, diag, held->acquired, &held->lock);
    diag_held(check, diag, held->acquired, event->op);
    if (always)
        diag_why(check, diag,
                 "a cancelled task's cleanups don't run in this runtime, so "
                 "not even a guard gives the lock back, and whoever wants it "
                 "waits for ever");
}

static void check_events(struct check *check, const struct query *query,
                         enum event_kind kind)
{
    for_each_event(query, event, kind) {
        enum cancel_answer answer = query_cancel(query, event);

        for (uint32_t i = 0; answer != CANCEL_NEVER && i < event->held.count;
             i++) {
            const struct held *held = &event->held.items[i];

            /* A blocking lock over an await is a mistake of its own. */
            if (held->is_weak || held->lock.kind == LOCK_UNKNOWN ||
                (answer != CANCEL_ALWAYS &&
                 (held->has_guard || query_cleans_up(query, &held->lock))) ||
                (kind == EVENT_SUSPEND && lock_is_blocking(&held->lock)) ||
                is_told(query, event, held))
                continue;
            held_tell(check, query, event, held);
        }
    }
}

/* A thread that may be cancelled between any two instructions: at the first
 * lock, for that is what is wrong with all others. */
static void check_anywhere(struct check *check, const struct query *query)
{
    for_each_acquisition(query, event) {
        struct diag *diag;

        if (event->by_guard || query_cancel(query, event) == CANCEL_NEVER ||
            query_cleans_up(query, &event->lock))
            continue;
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "'%s' may be cancelled anywhere, also while it holds "
                       "'%s'",
                       query->fn->name, event->lock.name);
        diag_why(check, diag,
                 "the thread has asked to be cancelled asynchronously "
                 "(POS47-C): whoever wants the lock waits for ever, and what "
                 "it guards may be half written; so it is with all locks that "
                 "it takes from here on");
        return;
    }
}

static void check_function(struct check *check, const struct query *query)
{
    check_anywhere(check, query);
    check_events(check, query, EVENT_CANCEL);
    check_events(check, query, EVENT_SUSPEND);
}
#endif
