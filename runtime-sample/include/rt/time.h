/*
 * Time: monotonic, in milliseconds.
 *
 * Functions that end in _timeout_ms wait at most that long: they return 0, or
 * -ETIMEDOUT when nothing came of it, or -ECANCELED when the task was cancelled
 * (see cancel.h). With 0 they do not wait at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TIME_H
#define RT_TIME_H

#include <stdint.h>

#include "rt/async.h"

/* Suspends for at least `ms` milliseconds. Sleepers with the same deadline
 * wake in the order in which they fell asleep. 0 is rt_yield. Returns 0, or
 * -ECANCELED, earlier, when the task was cancelled. */
ASYNC int rt_sleep_ms(uint64_t ms);

/* Milliseconds of a clock that never goes back, with an arbitrary start. Any
 * thread, never blocks. */
uint64_t rt_now_ms(void);

/*
 * A beat: ticks at start + period, start + 2 * period, ... however long the
 * task takes between them. The caller's memory, for one task at a time;
 * nothing to undo.
 */
struct rt_interval {
    uint64_t next_ns;
    uint64_t period_ns;
};

/* The beat starts now. A period of 0 is taken for 1. Never suspends. */
void rt_interval_init(struct rt_interval *interval, uint64_t period_ms);

/* Suspends until the next tick is due. Returns by how many further ticks the
 * task is late: 0 for who is in time. Missed ticks are not made up. -ECANCELED
 * when the task was cancelled. */
ASYNC int64_t rt_interval_tick(struct rt_interval *interval);

#endif
