/*
 * A lock must not be taken by who holds it already, nor an end be waited for
 * by who is to come to it, nor interrupts let in whose handlers want the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
#include <rt.h>

struct queue {
    struct async_mutex lock;
    int length;
};

ASYNC void bad(struct queue *queue)
{
    await async_mutex_lock(&queue->lock);
    if (queue->length == 0)
        await async_mutex_lock(&queue->lock); /* expect: self-deadlock */
    queue->length++;
    async_mutex_unlock(&queue->lock);
}

ASYNC void good(struct queue *queue)
{
    await async_mutex_lock(&queue->lock);
    if (queue->length == 0)
        queue->length++;
    async_mutex_unlock(&queue->lock);
}

#else
#include "findings/interrupted.h"
#include "findings/query_end.h"
#include "findings/query_leak.h"
#include "findings/query_recursion.h"
#include "findings/under.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_self_deadlock = {
    .id = "self-deadlock",
    .severity = SEVERITY_ERROR,
    .summary = "a task takes a lock that it holds already",
    .why = "it waits for itself, for ever",
    .instead = "take the lock once, in the outermost function that needs it, "
               "and release it on every way round a loop",
    .check = check_function,
    .check_program = interrupted_by_signals,
};

static void tell_where_taken(struct check *check, struct diag *diag,
                             const struct event *event)
{
    for (uint32_t i = 0; i < event->held.count; i++) {
        const struct held *held = &event->held.items[i];

        if (!strcmp(held->lock.class, event->lock.class))
            diag_mark(check, diag, MARK_ACQUIRED, held->acquired,
                      held->acquired == event->op
                          ? "it was taken here in an earlier round"
                          : "it was taken here");
    }
}

/* Who reads already waits only behind a writer that waits for him. */
static bool only_reads(const struct event *event)
{
    if (event->lock.mode != LOCK_SHARED)
        return false;
    for (uint32_t i = 0; i < event->held.count; i++)
        if (!strcmp(event->held.items[i].lock.class, event->lock.class) &&
            event->held.items[i].lock.mode != LOCK_SHARED)
            return false;
    return true;
}

/* Spinning readers overtake a writer that waits. */
static void check_read(struct check *check, const struct query *query,
                       const struct event *event)
{
    const struct class_info *info = query_class(query, event->lock.class);
    struct diag *diag;

    if (!info || !info->writes.fn || event->lock.kind == LOCK_SPIN)
        return;
    diag = diag_at(check, event->op, SEVERITY_WARNING,
                   "'%s' takes '%s' for reading, which it holds for reading "
                   "already",
                   query->fn->name, event->lock.name);
    diag_why(check, diag,
             "a writer that comes in between waits for the first reading to "
             "end, and the second waits behind the writer");
    tell_where_taken(check, diag, event);
    diag_mark_in(check, diag, MARK_STEP, info->writes.fn,
                 info->writes.event->op, "'%s' takes it for writing",
                 info->writes.fn->name);
}

/* What it holds it only holds because a callee forgot to give it back. */
static bool is_left_over(const struct query *query, const struct event *event)
{
    bool is_left = false;

    for_each_acquisition(query, taken) {
        const struct held *held = query_held(event, taken);

        if (!held || strcmp(held->lock.class, event->lock.class) != 0)
            continue;
        if (!query_leaked_by(query, taken))
            return false;
        is_left = true;
    }
    return is_left;
}

static void check_event(struct check *check, const struct query *query,
                        const struct event *event)
{
    bool is_sure = event->kind != EVENT_RETAKE || event->answer != ANSWER_MAY;
    bool must = is_sure && event->held_before == event->states;
    struct diag *diag;

    if (!event->held_before || event->is_try || event->lock.is_recursive ||
        is_left_over(query, event) || query_is_wake_up(query, &event->lock) ||
        query_expects_refusal(query, event))
        return;
    /* Made so that it may be; or two guesses: a lock, and that it is taken. */
    if ((event->lock.is_parameter && query->fn->gets_recursive) ||
        (event->lock.kind == LOCK_UNKNOWN && event->kind == EVENT_RETAKE))
        return;
    if (only_reads(event)) {
        check_read(check, query, event);
        return;
    }
    diag = diag_at(check, event->op, must ? SEVERITY_ERROR : SEVERITY_WARNING,
                   "'%s' %s '%s', which it holds already", query->fn->name,
                   must ? "takes" : "may take", event->lock.name);
    tell_where_taken(check, diag, event);
    diag_doubt(check, diag, &event->lock);
    if (event->kind == EVENT_RETAKE && event->fate_at)
        diag_mark_in(check, diag, MARK_ACQUIRED, event->callee, event->fate_at,
                     "'%s' takes it here", event->callee->name);
    if (event->lock.taken_in)
        diag_mark_in(check, diag, MARK_STEP, event->lock.taken_in,
                     event->lock.taken_at, "'%s' takes it again here",
                     event->lock.taken_in->name);
}

/* A circle of calls comes back with the lock. */
static void check_circle(struct check *check, const struct query *query,
                         const struct event *call)
{
    struct retaken found = query_retaken(query, call);
    struct diag *diag;

    if (!found.held)
        return;
    diag =
        diag_at(check, call->op, SEVERITY_WARNING,
                "'%s' holds '%s', and '%s', which it calls, leads back to it",
                query->fn->name, found.held->lock.name, call->callee_name);
    diag_mark_taken(check, diag, found.held->acquired, &found.held->lock);
    diag_mark(check, diag, MARK_STEP, found.at, "it is taken again here");
}

/* A work, a timer or a handler that waits until it is over. */
static void check_wait(struct check *check, const struct query *query,
                       const struct event *wait)
{
    struct evidence start = query_waits_for_itself(query, wait);
    struct diag *diag;

    if (!start.fn)
        return;
    diag = diag_at(check, wait->op, SEVERITY_ERROR,
                   "'%s' waits for the end of what '%s' is part of",
                   wait->callee_name, query->fn->name);
    diag_mark_in(check, diag, MARK_STEP, start.fn, start.event->op,
                 "it is made here to run");
    diag_help(check, diag, "end it without waiting");
}

static void check_function(struct check *check, const struct query *query)
{
    under_check(check, query);
    for_each_event(query, event, EVENT_SUSPEND)
        check_wait(check, query, event);
    for_each_event(query, event, EVENT_SPIN)
        check_wait(check, query, event);
    for_each_event(query, event, EVENT_ACQUIRE)
        check_event(check, query, event);
    for_each_event(query, event, EVENT_RETAKE)
        check_event(check, query, event);
    for_each_event(query, event, EVENT_HANDS_LOCK)
        check_circle(check, query, event);
    interrupted_check(check, query);
}
#endif
