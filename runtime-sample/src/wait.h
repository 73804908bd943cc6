/*
 * Waiting for something in a list, perhaps not for ever: what all locks and
 * channels but the mutex are made of.
 *
 * A wait lies on the stack of the task that waits. Its object's lock guards
 * the list; who wants to end the wait must *claim* it, so that of a waker and
 * a timer only one makes the task ready. A task whose time has run out takes
 * itself from the list before its stack goes on.
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

enum wait_state {
    WAIT_NOT,     /* the commit function found that there is nothing to wait */
    WAIT_ADDED,   /* in the list, or about to leave it */
    WAIT_CLAIMED, /* a waker has ended it, and taken it from the list */
    WAIT_TIMED_OUT,
};

struct rt_wait {
    struct rt_wait *next;
    struct rt_wait *previous;
    struct rt_task *task;
    _Atomic int state;
    uint64_t timeout_ms;
    struct timer timer; /* set if there is a timeout */
};

/* Before the task suspends; `timeout_ms` may be WAIT_FOREVER. */
void rt_wait_init(struct rt_wait *wait, uint64_t timeout_ms);

/* In a commit function, with the object locked: the task is in the list, and
 * its time runs. */
void rt_wait_add(struct rt_wait_list *list, struct rt_wait *wait,
                 struct rt_task *task);

/* With the object locked. Takes the wait from the list; true if it was claimed
 * and its task added to `woken`, false if its time has run out. Only tasks
 * whose wait was claimed get what they waited for. */
bool rt_wait_claim(struct rt_wait_list *list, struct rt_wait *wait,
                   struct task_list *woken);

/* Claims the first wait that can be claimed, or returns NULL. The wait stays
 * readable until its task is made ready. */
struct rt_wait *rt_wait_claim_first(struct rt_wait_list *list,
                                    struct task_list *woken);

/* After the suspension: 0 or -ETIMEDOUT; `lock` is the object's, not held. */
int rt_wait_end(struct rt_wait *wait, lock_word *lock,
                struct rt_wait_list *list);

/* For the timers, with their lock held: ends the wait unless it was claimed. */
void rt_wait_time_out(struct timer *timer, struct task_list *woken);

/* With no lock held: makes all tasks ready and leaves the list empty. */
void rt_task_list_ready(struct task_list *list);

#endif
