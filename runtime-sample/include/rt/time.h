/*
 * Time: monotonic, in milliseconds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TIME_H
#define RT_TIME_H

#include <stdint.h>

#include "rt/async.h"

/* Suspends for at least `ms` milliseconds. Sleepers with the same deadline
 * wake in the order in which they fell asleep. 0 is rt_yield. */
ASYNC void rt_sleep_ms(uint64_t ms);

/* Milliseconds of a clock that never goes back, with an arbitrary start. Any
 * thread, never blocks. */
uint64_t rt_now_ms(void);

#endif
