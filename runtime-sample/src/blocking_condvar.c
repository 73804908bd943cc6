/*
 * blocking_condvar: a futex on a number that each notification changes.
 *
 * The number is read with the mutex held, so a notification that comes later
 * finds it changed, and the sleep ends or does not begin. (One that comes while
 * exactly 2^32 others do is lost; a thread cannot be stopped for so long.)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/blocking_condvar.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>

#include "base.h"
#include "rt/watch.h"
#include "wait.h"

void blocking_condvar_init(struct blocking_condvar *condvar)
{
    *condvar = (struct blocking_condvar)BLOCKING_CONDVAR_INIT;
}

void blocking_condvar_destroy(struct blocking_condvar *condvar)
{
    assert(atomic_load(&condvar->waiters) == 0);
    (void)condvar;
}

static int wait_for(struct blocking_condvar *condvar,
                    struct blocking_mutex *mutex, uint64_t timeout_ms)
{
    uint32_t seen = atomic_load(&condvar->sequence);
    bool is_late;

    rt_watch_tell("condvar-wait-in-async",
                  "a task waits for a condition of threads");
    atomic_fetch_add(&condvar->waiters, 1);
    blocking_mutex_unlock(mutex);
    if (timeout_ms == WAIT_FOREVER)
        rt_futex_wait(&condvar->sequence, seen);
    else
        rt_futex_wait_ms(&condvar->sequence, seen, timeout_ms);
    is_late = atomic_load(&condvar->sequence) == seen;
    atomic_fetch_sub(&condvar->waiters, 1);
    blocking_mutex_lock(mutex);
    return is_late && timeout_ms != WAIT_FOREVER ? -ETIMEDOUT : 0;
}

void blocking_condvar_wait(struct blocking_condvar *condvar,
                           struct blocking_mutex *mutex)
{
    wait_for(condvar, mutex, WAIT_FOREVER);
}

int blocking_condvar_wait_timeout_ms(struct blocking_condvar *condvar,
                                     struct blocking_mutex *mutex,
                                     uint64_t timeout_ms)
{
    return wait_for(condvar, mutex, timeout_ms);
}

static void notify(struct blocking_condvar *condvar, int count)
{
    atomic_fetch_add(&condvar->sequence, 1);
    if (atomic_load(&condvar->waiters) > 0)
        rt_futex_wake(&condvar->sequence, count);
}

void blocking_condvar_notify_one(struct blocking_condvar *condvar)
{
    notify(condvar, 1);
}

void blocking_condvar_notify_all(struct blocking_condvar *condvar)
{
    notify(condvar, INT_MAX);
}
