/*
 * A condition variable for threads, used with a blocking_mutex.
 *
 *     guard(blocking_mutex)(&box->lock);
 *     while (!box->is_full)
 *         blocking_condvar_wait(&box->filled, &box->lock);
 *
 * Always in a loop: a wait may end without a notification, and another thread
 * may have come first. For plain threads and for functions of
 * rt_spawn_blocking. A task that waits here stops its whole worker, maybe with
 * the task that would notify it; asynclint and the watchdog report it, and
 * async_condvar is for tasks. Notifying is for tasks too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_BLOCKING_CONDVAR_H
#define RT_BLOCKING_CONDVAR_H

#include <stdatomic.h>
#include <stdint.h>

#include "rt/blocking_mutex.h"

/* `sequence` counts notifications: a waiter sleeps while it is unchanged. The
 * condvar is the caller's memory and must not be copied or moved. */
struct blocking_condvar {
    _Atomic uint32_t sequence;
    _Atomic uint32_t waiters;
};

/* clang-format off */
#define BLOCKING_CONDVAR_INIT {0}
/* clang-format on */

/* A condvar that is destroyed must have no waiters; a zeroed one is
 * initialised. */
void blocking_condvar_init(struct blocking_condvar *condvar);
void blocking_condvar_destroy(struct blocking_condvar *condvar);

/* The caller holds `mutex`. Frees it and blocks the thread; no notification
 * that comes after the mutex is free is lost. Holds it again on return. */
void blocking_condvar_wait(struct blocking_condvar *condvar,
                           struct blocking_mutex *mutex);

/* The same for a limited time: 0, or -ETIMEDOUT when the time was over before
 * a notification. The mutex is held on return in both cases. */
int blocking_condvar_wait_timeout_ms(struct blocking_condvar *condvar,
                                     struct blocking_mutex *mutex,
                                     uint64_t timeout_ms);

/* Wake one waiter, or all. Nothing is remembered when nobody waits. Never
 * block; any thread. To be called with the mutex held, or just after. */
void blocking_condvar_notify_one(struct blocking_condvar *condvar);
void blocking_condvar_notify_all(struct blocking_condvar *condvar);

#endif
