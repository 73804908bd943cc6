/*
 * What is told of locks that interrupts want, see interrupted.h; whether they
 * may come is query_interrupt.h's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/interrupted.h"

#include "findings/query_handler.h"
#include "findings/query_interrupt.h"

static const char handler_waits[] =
    "a handler that wants the lock waits for its holder, which goes on only "
    "when the handler has ended";

/* The lock was taken with interrupts on, and who comes in takes it there. */
static void taken_in_explain(struct check *check, struct diag *diag,
                             const struct fn *in, const struct event *taken)
{
    diag_mark_in(check, diag, MARK_STEP, in, taken->op, "'%s' takes it here",
                 in->name);
    diag_why(check, diag, handler_waits);
    diag_help(check, diag, "keep interrupts out while the lock is held");
}

static void check_interrupt(struct check *check, const struct query *query,
                            const struct event *taken)
{
    const struct interrupt *interrupt = query_interrupted(query, taken);
    struct diag *diag;

    if (!interrupt)
        return;
    diag = diag_at(check, taken->op, SEVERITY_WARNING,
                   "'%s' takes '%s', and '%s', which may interrupt it, takes "
                   "it too",
                   query->fn->name, taken->lock.name, interrupt->fn->name);
    taken_in_explain(check, diag, interrupt->in, interrupt->taken);
}

/* A handler that comes in waits for its holder, which goes on only when the
 * handler has ended. */
static void check_let_in(struct check *check, const struct query *query,
                         const struct event *at)
{
    struct let_in found = query_lets_in(query, at);
    struct diag *diag;

    if (!found.held)
        return;
    if (found.release->kind == EVENT_RELEASE)
        diag = diag_at(check, at->op, SEVERITY_WARNING,
                       "'%s' lets interrupts in while '%s' holds '%s', which "
                       "it took with interrupts off",
                       found.release->callee_name, query->fn->name,
                       found.held->lock.name);
    else
        diag = diag_at(check, at->op, SEVERITY_WARNING,
                       "'%s' needs interrupts, and '%s' holds '%s', which it "
                       "took with interrupts off",
                       at->callee_name, query->fn->name, found.held->lock.name);
    diag_mark(check, diag, MARK_ACQUIRED, found.held->acquired,
              "it was taken here");
    if (found.in != query->fn)
        diag_mark_in(check, diag, MARK_STEP, found.in, found.release->op,
                     "'%s' lets them in here", found.in->name);
    diag_why(check, diag, handler_waits);
    diag_help(check, diag,
              "leave them as they were found: spin_lock_irqsave, "
              "or spin_lock where they are off already");
}

static void check_masked(struct check *check, const struct query *query,
                         const struct event *taken)
{
    const struct masker *masker = query_masked_elsewhere(query, taken);
    struct diag *diag;

    if (!masker)
        return;
    diag = diag_at(check, taken->op, SEVERITY_WARNING,
                   "'%s' takes '%s' with bottom halves on, which '%s' keeps "
                   "out for it",
                   query->fn->name, taken->lock.name, masker->fn->name);
    taken_in_explain(check, diag, masker->fn, masker->taken);
}

/* What a softirq was about to do when this one came, it can't wait for. */
static void check_awaited(struct check *check, const struct query *query,
                          const struct event *wait)
{
    struct evidence start = query_waits_for_softirq(query, wait);
    struct diag *diag;

    if (!start.fn)
        return;
    diag = diag_at(check, wait->op, SEVERITY_WARNING,
                   "'%s' waits in '%s', an interrupt's handler, for what it "
                   "may have interrupted",
                   wait->callee_name, query->fn->name);
    diag_mark_in(check, diag, MARK_STEP, start.fn, start.event->op,
                 "it is made here to run");
    diag_help(check, diag, "end it without waiting");
}

void interrupted_check(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_SPIN)
        check_awaited(check, query, event);
    for_each_event(query, event, EVENT_ACQUIRE) {
        check_interrupt(check, query, event);
        check_masked(check, query, event);
    }
    for_each_event(query, event, EVENT_RELEASE)
        check_let_in(check, query, event);
    for_each_event(query, event, EVENT_HANDS_LOCK)
        check_let_in(check, query, event);
}

/* A signal comes while its thread holds the lock. */
void interrupted_by_signals(struct check *check, const struct query *query)
{
    struct handler_takes takes =
        query_handler_takes(query, query->program->arena);

    for (uint32_t i = 0; i < takes.items.count; i++) {
        const struct handler_take *take = &takes.items.items[i];
        struct diag *diag = diag_in(
            check, take->in, take->taken->op, SEVERITY_WARNING,
            "signal handler '%s' takes '%s', which the thread may hold that it "
            "interrupts",
            take->handler->name, take->taken->lock.name);

        diag_mark_in(check, diag, MARK_STEP, take->other.fn,
                     take->other.event->op, "'%s' takes it here",
                     take->other.fn->name);
        diag_why(check, diag, handler_waits);
        diag_help(check, diag,
                  "set a flag or write to a pipe, and leave the rest to the "
                  "program's own loop; or block the signal where the lock is "
                  "held");
    }
}
