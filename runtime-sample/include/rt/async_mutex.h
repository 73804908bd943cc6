/*
 * A mutex for tasks: who has to wait suspends, the worker does other work.
 *
 * It may be held across an await, but then every other task that wants it waits
 * for that await as well.
 *
 * Fairness: barging within bounds. Waiters are served in the order in which
 * they came, but a task that runs may take a free mutex before them. An unlock
 * with waiters frees the mutex and wakes the first one, which runs next on the
 * same worker; a waiter that was woken twice and found that somebody had been
 * faster, or that waits for a limited time, is handed the mutex directly, and
 * nobody can come between. So a waiter is overtaken for at most three turns of
 * the tasks before it, of 64 awaits each, and shares even out.
 *
 * While tasks wait, only those of one worker take it before them, the one that
 * wakes them: a task of another worker queues, unless who was woken has not
 * come for 50 us. Tasks that contend so gather on one worker, and switching
 * between them needs no other (lock cohorting, Dice, Marathe and Shavit 2012).
 *
 * Handing over always, as Tokio does, is the fairest, but then each unlock is a
 * switch of tasks, between two workers even a wake-up: five times as slow.
 * Barging without a bound, as Go does for a millisecond, is no faster than
 * with this one, and there a task can have a hundred thousandth of another's
 * share. bench/README.md has the numbers.
 *
 * The mutex is the caller's memory, must not be copied or moved once used, and
 * may be shared by tasks of any worker and any executor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_MUTEX_H
#define RT_ASYNC_MUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* `state` says whether it is locked, has waiters, and has woken one. The
 * waiters are read and written under `queue_lock` only. `home` is the number of
 * the only executor that uses the mutex and has one worker, so that it needs no
 * locked instructions there, or RT_MUTEX_SHARED. `held` is that number while a
 * task has taken the mutex at home, when nobody else needed its worker; `state`
 * then says nothing. `rounds` counts how often it was taken otherwise, and says
 * that somebody at home is about to change the state. */
struct async_mutex {
    _Atomic uint32_t state;
    _Atomic uint32_t home;
    _Atomic uint32_t held;
    _Atomic uint32_t rounds;
    _Atomic uint32_t queue_lock;
    _Atomic uint32_t place;    /* the worker where a waiter was last woken */
    _Atomic uint32_t woken_us; /* and when */
    struct async_mutex *next_moved;
    struct rt_wait_list waiters;
};

/* clang-format off */
#define ASYNC_MUTEX_INIT {0}
/* clang-format on */

/* Both never suspend. A mutex that is destroyed must be free; a zeroed one is
 * initialised. */
void async_mutex_init(struct async_mutex *mutex);
void async_mutex_destroy(struct async_mutex *mutex);

/* Takes the mutex, suspending while others have it, also in a task that was
 * cancelled. The mutex belongs to the task, which may change threads meanwhile.
 * Not recursive. */
ASYNC static inline void async_mutex_lock(struct async_mutex *mutex);

/* The same for a limited time: 0, or not taken and -ETIMEDOUT, or -ECANCELED
 * when the task was cancelled. */
ASYNC int async_mutex_lock_timeout_ms(struct async_mutex *mutex,
                                      uint64_t timeout_ms);

/* Takes the mutex if that needs no waiting; true when it did. Never
 * suspends. */
bool async_mutex_try_lock(struct async_mutex *mutex);

/* Frees the mutex, and wakes the first waiter or hands it over to that one.
 * Never suspends. */
static inline void async_mutex_unlock(struct async_mutex *mutex);

/* A guard holds the mutex or does not; see guard.h. */
struct async_mutex_guard {
    struct async_mutex *lock;
    bool held;
};

ASYNC struct async_mutex_guard
async_mutex_guard_enter(struct async_mutex *mutex);
struct async_mutex_guard async_mutex_guard_defer(struct async_mutex *mutex);
struct async_mutex_guard async_mutex_guard_adopt(struct async_mutex *mutex);
ASYNC void async_mutex_guard_take(struct async_mutex_guard *guard);
void async_mutex_guard_drop(struct async_mutex_guard *guard);
struct async_mutex_guard
async_mutex_guard_move(struct async_mutex_guard *guard);
void async_mutex_guard_exit(struct async_mutex_guard *guard);

/* How both are inlined. */
#include "rt/async_mutex_fast.h"

#endif
