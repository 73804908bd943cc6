/*
 * A spinlock that interrupt handlers take, too, must keep interrupts out for
 * as long as it is held: a handler that comes in between waits for its holder,
 * whom it has interrupted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifdef EXAMPLE
/* As in Linux. */
typedef struct {
    int word;
} spinlock_t;

void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);

struct port {
    spinlock_t lock; /* an interrupt handler takes it, too */
    spinlock_t log_lock;
    int level;
    int logged;
};

void bad(struct port *port)
{
    spin_lock_irq(&port->lock);
    spin_lock_irq(&port->log_lock);
    port->logged = port->level;
    spin_unlock_irq(&port->log_lock); /* expect: interrupts-under-lock */
    port->level = 0;
    spin_unlock_irq(&port->lock);
}

void good(struct port *port)
{
    spin_lock_irq(&port->lock);
    spin_lock(&port->log_lock);
    port->logged = port->level;
    spin_unlock(&port->log_lock);
    port->level = 0;
    spin_unlock_irq(&port->lock);
}

#else
#include "findings/query_interrupt.h"
#include "rules/rule.h"

static void check_function(struct check *check, const struct query *query);

const struct rule rule_interrupts_under_lock = {
    .id = "interrupts-under-lock",
    .severity = SEVERITY_WARNING,
    .summary = "interrupts come while a lock is held that keeps them out",
    .why = "a handler that wants the lock waits for its holder, which goes on "
           "only when the handler has ended",
    .instead = "keep interrupts out while the lock is held, and leave them as "
               "they were found (spin_lock_irqsave, or spin_lock where they "
               "are off already)",
    .check = check_function,
};

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
}

static void check_taken(struct check *check, const struct query *query,
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
    diag_mark_in(check, diag, MARK_STEP, masker->fn, masker->taken->op,
                 "'%s' takes it here", masker->fn->name);
}

static void check_function(struct check *check, const struct query *query)
{
    for_each_event(query, event, EVENT_RELEASE)
        check_let_in(check, query, event);
    for_each_event(query, event, EVENT_HANDS_LOCK)
        check_let_in(check, query, event);
    for_each_acquisition(query, event)
        check_taken(check, query, event);
}
#endif
