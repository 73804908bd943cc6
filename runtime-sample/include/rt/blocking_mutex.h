/*
 * A mutex for threads: who has to wait blocks the thread.
 *
 * Locking is one locked instruction, and unlocking a plain store, if nobody
 * waits. Who waits spins for some microseconds, then sleeps. Who comes just
 * when it is free takes it, also before those who sleep; but one that has
 * waited for a millisecond is given it when it is next unlocked.
 *
 * The plain store needs membarrier(2). Where the kernel has none, or forbids
 * it, unlocking is a second locked instruction; a program that forbids itself
 * the call after its start waits up to a millisecond longer for a contended
 * mutex. Not for memory that processes share: they would not wake each other.
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

/* One futex word: 0 is free, else that it is held, with a watchdog by whom, and
 * whether others sleep on it. The mutex is the caller's memory and must not be
 * copied or moved. Who was the last to unlock it may free it at once, also if
 * another thread is still within its own unlock. */
struct blocking_mutex {
    _Atomic uint32_t word;
};

/* clang-format off */
#define BLOCKING_MUTEX_INIT {0}
/* clang-format on */

/* A mutex that is destroyed must be free; a zeroed one is initialised. */
void blocking_mutex_init(struct blocking_mutex *mutex);
void blocking_mutex_destroy(struct blocking_mutex *mutex);

/* Takes the mutex; spins briefly, then blocks the thread: no error, no time
 * limit. Not recursive: a second lock by the same holder never returns. Never
 * suspends, so a task that has to wait keeps its worker. */
void blocking_mutex_lock(struct blocking_mutex *mutex);

/* Takes the mutex if it is free; true when it did. Never blocks. */
bool blocking_mutex_try_lock(struct blocking_mutex *mutex);

/* Frees the mutex, which the caller holds, and wakes a waiter if one sleeps.
 * Never blocks. */
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
