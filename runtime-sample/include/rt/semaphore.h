/*
 * A semaphore for tasks: so many may pass at a time, the others suspend.
 *
 * Served strictly in the order of arrival: who wants many permits is not
 * overtaken by those who want few. Permits belong to nobody: they may be given
 * back by another task, and more may be added than were there at first.
 *
 * The semaphore is the caller's memory, must not be copied or moved once used,
 * and may be shared by tasks of any worker and any executor.
 *
 *     await scoped_guard(semaphore, &pool->connections) {
 *         ...                                      one permit in this block
 *     }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_SEMAPHORE_H
#define RT_SEMAPHORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* The first waiter wants more permits than there are. All under `lock`. */
struct semaphore {
    _Atomic uint32_t lock;
    uint32_t permits;
    struct rt_wait_list waiters;
};

/* A semaphore that is destroyed must have no waiters; a zeroed one has no
 * permits. Never suspend. */
void semaphore_init(struct semaphore *semaphore, uint32_t permits);
void semaphore_destroy(struct semaphore *semaphore);

/* Takes `count` permits, suspending until it is the caller's turn and they are
 * there, also in a task that was cancelled. 0 permits are had at once. */
ASYNC void semaphore_acquire(struct semaphore *semaphore, uint32_t count);

/* The same for a limited time: 0, or no permit and -ETIMEDOUT, or -ECANCELED
 * when the task was cancelled. */
ASYNC int semaphore_acquire_timeout_ms(struct semaphore *semaphore,
                                       uint32_t count, uint64_t timeout_ms);

/* Takes them if that needs no waiting; true when it did. Never suspends. */
bool semaphore_try_acquire(struct semaphore *semaphore, uint32_t count);

/* Adds `count` permits and wakes those who now have enough. More than
 * UINT32_MAX end the process with a line on stderr. Never suspends; any
 * thread. */
void semaphore_release(struct semaphore *semaphore, uint32_t count);

/* How many permits are free at this moment, which may be over on return. */
uint32_t semaphore_available(struct semaphore *semaphore);

/* A guard holds one permit or does not; see guard.h. */
struct semaphore_guard {
    struct semaphore *lock;
    bool held;
};

ASYNC struct semaphore_guard semaphore_guard_enter(struct semaphore *semaphore);
struct semaphore_guard semaphore_guard_defer(struct semaphore *semaphore);
struct semaphore_guard semaphore_guard_adopt(struct semaphore *semaphore);
ASYNC void semaphore_guard_take(struct semaphore_guard *guard);
void semaphore_guard_drop(struct semaphore_guard *guard);
struct semaphore_guard semaphore_guard_move(struct semaphore_guard *guard);
void semaphore_guard_exit(struct semaphore_guard *guard);

#endif
