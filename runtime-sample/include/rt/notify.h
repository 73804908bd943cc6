/*
 * A notification between tasks, without a message: "look again".
 *
 * notify_one wakes one waiter. If nobody waits it is remembered, once: the
 * next notify_wait returns at once. Who changes something and then notifies
 * can therefore not be overlooked by who checks and then waits, without any
 * lock around both.
 *
 * The notify is the caller's memory, must not be copied or moved once used,
 * and may be shared by tasks of any worker and any executor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_NOTIFY_H
#define RT_NOTIFY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* While something is remembered nobody waits. All under `lock`. */
struct notify {
    _Atomic uint32_t lock;
    bool is_remembered;
    struct rt_wait_list waiters;
};

/* clang-format off */
#define NOTIFY_INIT {0}
/* clang-format on */

/* A notify that is destroyed must have no waiters; a zeroed one is
 * initialised. */
void notify_init(struct notify *notify);
void notify_destroy(struct notify *notify);

/* Suspends until notified; consumes what was remembered. Waiters are notified
 * in the order in which they came. Returns 0, or -ECANCELED when the task was
 * cancelled. */
ASYNC int notify_wait(struct notify *notify);

/* The same for a limited time; or -ETIMEDOUT. */
ASYNC int notify_wait_timeout_ms(struct notify *notify, uint64_t timeout_ms);

/* Wakes the first waiter, or is remembered. Never suspends; any thread. */
void notify_one(struct notify *notify);

/* Wakes all who wait now, and is never remembered. Never suspends; any
 * thread. */
void notify_all(struct notify *notify);

#endif
