/*
 * A condition variable for tasks, used with an async_mutex.
 *
 *     await guard(async_mutex)(&box->lock);
 *     while (!box->is_full)
 *         if (await async_condvar_wait(&box->filled, &box->lock) != 0)
 *             return NULL;                             cancelled
 *
 * Always in a loop: between the wake-up and the mutex another task may have
 * come first, and with notify_all all but one come too late.
 *
 * The condvar is the caller's memory, must not be copied or moved once used,
 * and may be shared by tasks of any worker and any executor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_CONDVAR_H
#define RT_ASYNC_CONDVAR_H

#include <stdatomic.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/async_mutex.h"
#include "rt/wait_list.h"

struct async_condvar {
    _Atomic uint32_t lock;
    struct rt_wait_list waiters;
};

/* clang-format off */
#define ASYNC_CONDVAR_INIT {0}
/* clang-format on */

/* A condvar that is destroyed must have no waiters; a zeroed one is
 * initialised. */
void async_condvar_init(struct async_condvar *condvar);
void async_condvar_destroy(struct async_condvar *condvar);

/* The caller holds `mutex`. Frees it and suspends, as one step: no notification
 * that comes after the mutex is free is lost. Holds it again on return in any
 * case. Returns 0, or -ECANCELED when the task was cancelled. */
ASYNC int async_condvar_wait(struct async_condvar *condvar,
                             struct async_mutex *mutex);

/* The same; or -ETIMEDOUT when the time was over before a notification. The
 * mutex is held on return as well, and waiting for it takes its time. */
ASYNC int async_condvar_wait_timeout_ms(struct async_condvar *condvar,
                                        struct async_mutex *mutex,
                                        uint64_t timeout_ms);

/* Wake the first waiter, or all. Nothing is remembered when nobody waits. Never
 * suspend. To be called with the mutex held, or just after: who changes the
 * condition without the mutex may be overlooked. */
void async_condvar_notify_one(struct async_condvar *condvar);
void async_condvar_notify_all(struct async_condvar *condvar);

#endif
