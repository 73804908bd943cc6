/*
 * Waiting for something in a list, perhaps not for ever: what all locks and
 * channels are made of.
 *
 * A wait lies on the stack of the task that waits. Its object's lock guards
 * the list; who wants to end the wait must *claim* it. A task may have several
 * waits at a time (select), and a timer or a cancellation may come between:
 * who first changes the task's wait_state has ended the suspension, and only
 * it makes the task ready. Before its stack goes on, a task takes what is left
 * of its waits from their lists.
 *
 *     lock the object
 *     in vain? rt_wait_add             } in the commit function
 *     unlock the object
 *     rt_wait_end                      } back on the task's stack
 *
 * Locks are taken in the order: an object's, then timers or idle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WAIT_H
#define RT_WAIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lock.h"
#include "rt/wait_list.h"
#include "task_list.h"
#include "timer.h"

#define WAIT_FOREVER UINT64_MAX

/* For locks, whose functions without a timeout wait shielded: those with one do
 * not, however long that is. */
static inline uint64_t wait_limited_ms(uint64_t timeout_ms)
{
    return timeout_ms == WAIT_FOREVER ? WAIT_FOREVER - 1 : timeout_ms;
}

/* What a task's wait_state says of its suspension. */
enum wait_state {
    WAIT_NOT,       /* runs, or suspends without a wait */
    WAIT_PREPARING, /* off its stack, but still adding waits: see select.c */
    WAIT_PREPARING_TOLD, /* the same, and somebody has cancelled it */
    WAIT_ADDED,          /* waits; whoever comes first may end it */
    WAIT_SHIELDED,       /* the same, but not for a cancellation */
    WAIT_ENDED,          /* a waker or a timer has ended it */
    WAIT_CANCELLED,
};

/* How one wait has ended: written by who ended it, or not at all. */
enum wait_end { WAIT_END_NONE, WAIT_END_CLAIMED, WAIT_END_TIMED_OUT };

/* `is_listed` is guarded by the object's lock, `end` and `timer` by who has
 * the right to end the suspension. */
struct rt_wait {
    struct rt_wait *next;
    struct rt_wait *previous;
    struct rt_task *task;
    struct rt_wait_all *all; /* of a join_all, see select.c; else NULL */
    bool is_listed;
    bool is_shielded;
    uint8_t end;
    uint64_t timeout_ms;
    struct timer timer; /* set if there is a timeout */
};

/* A suspension that ends when all of its waits have ended. */
struct rt_wait_all {
    _Atomic int remaining;
};

/* Before the task suspends; `timeout_ms` may be WAIT_FOREVER. A shielded wait
 * does not end when its task is cancelled. */
static inline void rt_wait_init(struct rt_wait *wait, uint64_t timeout_ms);
static inline void rt_wait_init_shielded(struct rt_wait *wait,
                                         uint64_t timeout_ms);

/* In a commit function, with the object locked: the task is in the list, and
 * its time runs. False when it was cancelled and is not to suspend at all;
 * never for a shielded wait. */
static inline bool rt_wait_add(struct rt_wait_list *list, struct rt_wait *wait,
                               struct rt_task *task);

/* The same for a shielded wait for ever, which is to be the next to end: for
 * who was claimed before, but came too late. */
void rt_wait_add_first(struct rt_wait_list *list, struct rt_wait *wait,
                       struct rt_task *task);

/* The same for a wait in no list, which its timer ends. */
bool rt_wait_add_timer(struct rt_wait *wait, struct rt_task *task,
                       uint64_t deadline_ns);

/* With the object locked. Takes the wait from the list; true if it was claimed
 * and its task added to `woken` (not if it is still going off its stack, or has
 * other waits to end), false if its suspension has ended otherwise.
 * Only tasks whose wait was claimed get what they waited for. */
static inline bool rt_wait_claim(struct rt_wait_list *list,
                                 struct rt_wait *wait, struct task_list *woken);

/* Claims the first wait that can be claimed, or returns NULL. The wait stays
 * readable until its task is made ready. */
static inline struct rt_wait *rt_wait_claim_first(struct rt_wait_list *list,
                                                  struct task_list *woken);

/* The same where only one can be woken: if so, it is `woken`, else NULL. */
static inline struct rt_wait *rt_wait_claim_one(struct rt_wait_list *list,
                                                struct rt_task **woken);

/* After the suspension: 0, -ETIMEDOUT or -ECANCELED; `lock` is the object's,
 * not held. */
static inline int rt_wait_end(struct rt_wait *wait, lock_word *lock,
                              struct rt_wait_list *list);

/* The same for one without a list. 0: its time has come. */
int rt_wait_end_timer(struct rt_wait *wait);

/* What select.c does in several steps: a suspension that is WAIT_PREPARING
 * begins (false: it has ended already, or was cancelled); a wait is added to a
 * list or to the timers in a suspension that began otherwise; a wait that needs
 * no waiting is claimed by its own task; and a wait is out of its list (none:
 * `lock` is NULL) and its timer. */
bool rt_wait_begin(struct rt_task *task, bool is_shielded);
void rt_wait_list_add(struct rt_wait_list *list, struct rt_wait *wait,
                      struct rt_task *task);
void rt_wait_timer_add(struct rt_wait *wait, struct rt_task *task,
                       uint64_t deadline_ns);
bool rt_wait_claim_own(struct rt_wait *wait, struct rt_task *task);
void rt_wait_withdraw(struct rt_wait *wait, lock_word *lock,
                      struct rt_wait_list *list);

/* For the timers, with their lock held: ends the wait unless it was claimed. */
void rt_wait_time_out(struct timer *timer, struct task_list *woken);

/* Ends the suspension of a task that was cancelled, if it may be; true if the
 * caller now has to make it ready. Any thread. */
bool rt_wait_cancel(struct rt_task *task);

/* With no lock held: makes all tasks ready and leaves the list empty. */
static inline void rt_task_list_ready(struct task_list *list);

#include "wait_inline.h"

#endif
