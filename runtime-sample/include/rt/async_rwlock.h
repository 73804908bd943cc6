/*
 * A lock for tasks with many readers or one writer.
 *
 * Fair: served in the order of arrival, neighbouring readers together. A
 * reader that comes after a waiting writer waits behind it, so writers do not
 * starve; and a task that reads must therefore not begin to read again: with a
 * writer in between, both would wait for ever. There is no upgrade.
 *
 * The lock is the caller's memory, must not be copied or moved once used, and
 * may be shared by tasks of any worker and any executor. Its two halves are
 * guarded by name:
 *
 *     await guard(async_rwlock_read)(&table->lock);
 *     await scoped_guard(async_rwlock_write, &table->lock) { ... }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_RWLOCK_H
#define RT_ASYNC_RWLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async.h"
#include "rt/wait_list.h"

/* `holders` counts readers, -1 is a writer. While it is 0 nobody waits. All
 * under `lock`. */
struct async_rwlock {
    _Atomic uint32_t lock;
    int32_t holders;
    struct rt_wait_list waiters;
};

/* clang-format off */
#define ASYNC_RWLOCK_INIT {0}
/* clang-format on */

/* Both never suspend. A lock that is destroyed must be free; a zeroed one is
 * initialised. */
void async_rwlock_init(struct async_rwlock *lock);
void async_rwlock_destroy(struct async_rwlock *lock);

/* Take the lock, suspending until it is the caller's turn, also in a task that
 * was cancelled. Not recursive. */
ASYNC void async_rwlock_read_lock(struct async_rwlock *lock);
ASYNC void async_rwlock_write_lock(struct async_rwlock *lock);

/* The same for a limited time: 0, or not taken and -ETIMEDOUT, or -ECANCELED
 * when the task was cancelled. */
ASYNC int async_rwlock_read_lock_timeout_ms(struct async_rwlock *lock,
                                            uint64_t timeout_ms);
ASYNC int async_rwlock_write_lock_timeout_ms(struct async_rwlock *lock,
                                             uint64_t timeout_ms);

/* Take the lock if that needs no waiting; true when they did. Never
 * suspend. */
bool async_rwlock_read_try_lock(struct async_rwlock *lock);
bool async_rwlock_write_try_lock(struct async_rwlock *lock);

/* Give up what was taken, and let in who is next. Never suspend. */
void async_rwlock_read_unlock(struct async_rwlock *lock);
void async_rwlock_write_unlock(struct async_rwlock *lock);

/* Guards hold the lock or do not; see guard.h. */
struct async_rwlock_read_guard {
    struct async_rwlock *lock;
    bool held;
};

struct async_rwlock_write_guard {
    struct async_rwlock *lock;
    bool held;
};

ASYNC struct async_rwlock_read_guard
async_rwlock_read_guard_enter(struct async_rwlock *lock);
struct async_rwlock_read_guard
async_rwlock_read_guard_defer(struct async_rwlock *lock);
struct async_rwlock_read_guard
async_rwlock_read_guard_adopt(struct async_rwlock *lock);
ASYNC void async_rwlock_read_guard_take(struct async_rwlock_read_guard *guard);
void async_rwlock_read_guard_drop(struct async_rwlock_read_guard *guard);
struct async_rwlock_read_guard
async_rwlock_read_guard_move(struct async_rwlock_read_guard *guard);
void async_rwlock_read_guard_exit(struct async_rwlock_read_guard *guard);

ASYNC struct async_rwlock_write_guard
async_rwlock_write_guard_enter(struct async_rwlock *lock);
struct async_rwlock_write_guard
async_rwlock_write_guard_defer(struct async_rwlock *lock);
struct async_rwlock_write_guard
async_rwlock_write_guard_adopt(struct async_rwlock *lock);
ASYNC void
async_rwlock_write_guard_take(struct async_rwlock_write_guard *guard);
void async_rwlock_write_guard_drop(struct async_rwlock_write_guard *guard);
struct async_rwlock_write_guard
async_rwlock_write_guard_move(struct async_rwlock_write_guard *guard);
void async_rwlock_write_guard_exit(struct async_rwlock_write_guard *guard);

#endif
