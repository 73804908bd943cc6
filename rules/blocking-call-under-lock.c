/*
 * A lock that tasks take must not be held over a call that may take long:
 * the tasks, and their threads, wait for that call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <pthread.h>
#include <rt.h>
#include <unistd.h>

struct ledger {
    pthread_mutex_t lock;
    int file;
    int entries;
};

ASYNC void ledger_add(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock); /* expect: blocking-lock-in-async */
    ledger->entries++;
    pthread_mutex_unlock(&ledger->lock);
}

/* Runs on the blocking pool. */
void *bad(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    ledger->entries = 0;
    fsync(ledger->file); /* expect: blocking-call-under-lock */
    pthread_mutex_unlock(&ledger->lock);
    return NULL;
}

void *good(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    ledger->entries = 0;
    pthread_mutex_unlock(&ledger->lock);
    fsync(ledger->file);
    return NULL;
}

#else
#include "findings/way.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_blocking_call_under_lock = {
    .id = "blocking-call-under-lock",
    .severity = SEVERITY_WARNING,
    .summary = "a call that may take long is made with a lock held",
    .why = "whoever wants the lock waits for as long as the call takes",
    .instead = "release the lock before the call, and take it again behind "
               "it if need be",
    .check = check_function,
};

/* What a task does is told by blocking-call-in-async. */
static bool is_meant(const struct query *query, const struct event *event)
{
    return !query_is_async(query, event) && way_stops(query->fn, event);
}

static enum severity severity_of(const struct query *query,
                                 const struct event *event,
                                 const struct held *held)
{
    const struct class_info *info = query_class(query, held->lock.class);

    return !event->is_doubted && info && info->contexts & CONTEXT_ASYNC &&
                   query_makes_wait(query, &held->lock)
               ? SEVERITY_WARNING
               : SEVERITY_NOTE;
}

static struct diag *first_tell(struct check *check, const struct query *query,
                               const struct event *event,
                               const struct held *held)
{
    enum severity severity = severity_of(query, event, held);
    struct diag *diag = diag_at(
        check, event->op, severity, "'%s' may block while '%s' holds '%s'%s",
        event->callee_name, query->fn->name, held->lock.name,
        severity == SEVERITY_NOTE ? "" : ", which tasks take, too");

    diag_mark_taken(check, diag, held->acquired, &held->lock);
    diag_held(check, diag, held->acquired, event->op);
    way_mark_down(check, diag, query->fn, event);
    if (severity != SEVERITY_NOTE)
        diag_why(check, diag,
                 "a task that wants the lock stops its whole thread for as "
                 "long as the call takes");
    return diag;
}

/* One finding for each acquisition, at the first such call. */
static void check_acquisition(struct check *check, const struct query *query,
                              const struct event *acquired)
{
    struct diag *diag = NULL;

    for_each_event(query, event, EVENT_BLOCK) {
        const struct held *held = query_held(event, acquired);

        if (!held || !held->must || !is_meant(query, event))
            continue;
        if (diag)
            diag_mark(check, diag, MARK_STEP, event->op, "so may '%s' here",
                      event->callee_name);
        else
            diag = first_tell(check, query, event, held);
    }
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired) {
        if (lock_is_blocking(&acquired->lock) &&
            !query_is_ambient(query, &acquired->lock))
            check_acquisition(check, query, acquired);
    }
}
#endif
