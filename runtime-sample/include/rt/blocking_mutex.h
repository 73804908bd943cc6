/*
 * A mutex for threads: who has to wait blocks the thread.
 *
 * For plain threads and for functions of rt_spawn_blocking. A task that locks
 * one stops its whole worker while it waits, and one that suspends with it can
 * stop the program for ever; asynclint reports both and the watchdog shows
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_BLOCKING_MUTEX_H
#define RT_BLOCKING_MUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* One futex word: 0 is free, else who holds it and whether others sleep on
 * it. The mutex is the caller's memory and must not be copied or moved. */
struct blocking_mutex {
    _Atomic uint32_t word;
};

/* clang-format off */
#define BLOCKING_MUTEX_INIT {0}
/* clang-format on */

/* A mutex that is destroyed must be free; a zeroed one is initialised. */
void blocking_mutex_init(struct blocking_mutex *mutex);
void blocking_mutex_destroy(struct blocking_mutex *mutex);

/* Takes the mutex; spins briefly, then blocks the thread. Not recursive: a
 * second lock by the same holder never returns. */
void blocking_mutex_lock(struct blocking_mutex *mutex);

/* Takes the mutex if it is free; true when it did. Never blocks. */
bool blocking_mutex_try_lock(struct blocking_mutex *mutex);

/* Frees the mutex and wakes one waiter. Never blocks. */
void blocking_mutex_unlock(struct blocking_mutex *mutex);

/* A guard holds the mutex or does not; see guard.h. */
struct blocking_mutex_guard {
    struct blocking_mutex *lock;
    bool held;
};

struct blocking_mutex_guard
blocking_mutex_guard_enter(struct blocking_mutex *mutex);
struct blocking_mutex_guard
blocking_mutex_guard_defer(struct blocking_mutex *mutex);
struct blocking_mutex_guard
blocking_mutex_guard_adopt(struct blocking_mutex *mutex);
void blocking_mutex_guard_take(struct blocking_mutex_guard *guard);
void blocking_mutex_guard_drop(struct blocking_mutex_guard *guard);
struct blocking_mutex_guard
blocking_mutex_guard_move(struct blocking_mutex_guard *guard);
void blocking_mutex_guard_exit(struct blocking_mutex_guard *guard);

#endif
