/*
 * Sleeping tasks, the next to wake first: a binary heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include <stddef.h>
#include <stdint.h>

#include "lock.h"
#include "task_list.h"

/* Equal deadlines wake in the order of `sequence`. */
struct sleeper {
    uint64_t deadline_ns;
    uint64_t sequence;
    struct rt_task *task;
};

/* heap[0] is the earliest; no timer is earlier than its parent. */
struct timers {
    lock_word lock;
    struct sleeper *heap;
    size_t count;
    size_t capacity;
    uint64_t next_sequence;
};

/* finish: no task may sleep any more. A zeroed struct is initialised. */
void rt_timers_finish(struct timers *timers);

/* Returns whether the new timer is the earliest: who sleeps in the poller then
 * sleeps too long. */
bool rt_timers_add(struct timers *timers, uint64_t deadline_ns,
                   struct rt_task *task);

/* The earliest deadline, or POLLER_FOREVER. */
uint64_t rt_timers_earliest_ns(struct timers *timers);

/* Makes the tasks ready whose time has come, earliest first. */
void rt_timers_fire(struct timers *timers);

#endif
