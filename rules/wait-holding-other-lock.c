/*
 * Whoever waits for somebody should hold no lock, but the one that the wait
 * gives back: the one who is to wake it may want it first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <pthread.h>

struct store {
    pthread_mutex_t lock;
    pthread_mutex_t log_lock;
    pthread_cond_t filled;
    int items;
};

void store_fill(struct store *store)
{
    pthread_mutex_lock(&store->log_lock);
    pthread_mutex_lock(&store->lock);
    store->items++;
    pthread_cond_signal(&store->filled);
    pthread_mutex_unlock(&store->lock);
    pthread_mutex_unlock(&store->log_lock);
}

void bad(struct store *store)
{
    pthread_mutex_lock(&store->log_lock);
    pthread_mutex_lock(&store->lock);
    while (!store->items)
        pthread_cond_wait(&store->filled, /* expect: wait-holding-other-lock */
                          &store->lock);
    store->items--;
    pthread_mutex_unlock(&store->lock);
    pthread_mutex_unlock(&store->log_lock);
}

void good(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    while (!store->items)
        pthread_cond_wait(&store->filled, &store->lock);
    store->items--;
    pthread_mutex_unlock(&store->lock);
}

#else
#include "findings/under.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_wait_holding_other_lock = {
    .id = "wait-holding-other-lock",
    .severity = SEVERITY_WARNING,
    .summary = "a lock is held while waiting for somebody, who may want it",
    .why = "the one who is to end the wait takes the lock on its way, and "
           "waits in turn: neither goes on",
    .instead = "release the lock before the wait, or let the other side do "
               "without it",
    .check = check_function,
};

/* Its own lock is seen to be held: what else is held, is another. */
static bool is_understood(const struct event *wait)
{
    return !wait->lock.name || wait->held_before == wait->states;
}

static void waker_mark(struct check *check, struct diag *diag,
                       const struct evidence *waker)
{
    diag_mark_in(check, diag, MARK_STEP, waker->fn, waker->event->op,
                 waker->event->by_callback
                     ? "what '%s' starts here ends the wait, and takes such a "
                       "lock"
                     : "'%s' ends the wait, and takes such a lock",
                 waker->fn->name);
}

/* A lock that no op of the function took is its caller's. */
static void held_mark(struct check *check, struct diag *diag,
                      const struct query *query, const struct held *held)
{
    if (held->acquired)
        diag_mark_taken(check, diag, held->acquired, &held->lock);
    else
        diag_mark_under(check, diag, query->fn);
}

static void check_held(struct check *check, const struct query *query,
                       const struct event *wait, const struct held *held)
{
    struct evidence waker = query_waker(query, wait, &held->lock);
    struct diag *diag;

    /* A task that only suspends with a lock held is another rule's. */
    if (!waker.fn && wait->kind != EVENT_BLOCK)
        return;
    diag = diag_at(check, wait->op, waker.fn ? SEVERITY_WARNING : SEVERITY_NOTE,
                   "'%s' waits while '%s' holds '%s'%s", wait->callee_name,
                   query->fn->name, held->lock.name,
                   waker.fn ? ", which the one who ends the wait takes" : "");
    held_mark(check, diag, query, held);
    if (waker.fn)
        waker_mark(check, diag, &waker);
    else
        diag_why(check, diag,
                 "whoever wants the lock waits for as long as this wait "
                 "lasts; if that is the one who ends it, for ever");
}

/* A callee waits: told only if somebody is known to take the lock for it. */
static void check_below(struct check *check, const struct query *query,
                        const struct event *event, const struct held *held)
{
    struct wait_below below = query_wait_below(query, event, held);
    struct diag *diag;

    if (!below.waker.fn)
        return;
    diag = diag_at(check, event->op, SEVERITY_WARNING,
                   "'%s' waits while '%s' holds '%s', which the one who ends "
                   "the wait takes",
                   event->callee_name, query->fn->name, held->lock.name);
    held_mark(check, diag, query, held);
    diag_mark_in(check, diag, MARK_STEP, below.wait.fn, below.wait.event->op,
                 "'%s' waits here", below.wait.fn->name);
    waker_mark(check, diag, &below.waker);
}

static void check_one(struct check *check, const struct query *query,
                      const struct event *event, const struct held *held)
{
    if (!event->subject)
        check_below(check, query, event, held);
    else if (is_understood(event))
        check_held(check, query, event, held);
}

static void check_kind(struct check *check, const struct query *query,
                       enum event_kind kind)
{
    struct held under = query_under(check, query);

    for_each_event(query, event, kind) {
        for (uint32_t i = 0; i < event->held.count; i++)
            if (event->held.items[i].must)
                check_one(check, query, event, &event->held.items[i]);
        if (under.lock.class && query_is_under(event, &under))
            check_one(check, query, event, &under);
    }
}

/* What is not to be called with the lock held: it waits for those who may want
 * it. */
static bool check_excluded(struct check *check, const struct query *query,
                           const struct event *acquired, enum event_kind kind)
{
    for_each_event(query, event, kind) {
        const struct held *held = query_held(event, acquired);
        struct evidence wait = {0};
        struct diag *diag;

        if (held && held->must)
            wait = query_excludes(query, event, held);
        if (!wait.event)
            continue;
        diag = diag_at(check, event->op, SEVERITY_WARNING,
                       "'%s' waits while '%s' holds '%s', which those whom it "
                       "waits for may want",
                       event->callee_name, query->fn->name, held->lock.name);
        diag_mark_taken(check, diag, held->acquired, &held->lock);
        if (wait.event != event)
            diag_mark_in(check, diag, MARK_STEP, wait.fn, wait.event->op,
                         "'%s' waits here, in '%s'", wait.fn->name,
                         wait.event->callee_name);
        return true;
    }
    return false;
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_acquisition(query, acquired) {
        if (!check_excluded(check, query, acquired, EVENT_EXCLUDED))
            check_excluded(check, query, acquired, EVENT_HANDS_LOCK);
    }
    check_kind(check, query, EVENT_BLOCK);
    check_kind(check, query, EVENT_SUSPEND);
    check_kind(check, query, EVENT_SPIN);
}
#endif
