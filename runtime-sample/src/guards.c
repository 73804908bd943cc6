/*
 * The guards of the locks that have nothing special about theirs: seven small
 * functions for each name, all alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stddef.h>

#include "rt/async_rwlock.h"
#include "rt/semaphore.h"

/* TAKE and GIVE are called with a pointer to a TYPE. */
#define GUARD_FUNCTIONS(NAME, TYPE, TAKE, GIVE)                                \
    ASYNC struct NAME##_guard NAME##_guard_enter(TYPE *lock)                   \
    {                                                                          \
        await TAKE(lock);                                                      \
        return (struct NAME##_guard){.lock = lock, .held = true};              \
    }                                                                          \
                                                                               \
    struct NAME##_guard NAME##_guard_defer(TYPE *lock)                         \
    {                                                                          \
        return (struct NAME##_guard){.lock = lock, .held = false};             \
    }                                                                          \
                                                                               \
    struct NAME##_guard NAME##_guard_adopt(TYPE *lock)                         \
    {                                                                          \
        return (struct NAME##_guard){.lock = lock, .held = true};              \
    }                                                                          \
                                                                               \
    ASYNC void NAME##_guard_take(struct NAME##_guard *guard)                   \
    {                                                                          \
        assert(guard->lock);                                                   \
        assert(!guard->held);                                                  \
        await TAKE(guard->lock);                                               \
        guard->held = true;                                                    \
    }                                                                          \
                                                                               \
    void NAME##_guard_drop(struct NAME##_guard *guard)                         \
    {                                                                          \
        if (!guard->held)                                                      \
            return;                                                            \
        guard->held = false;                                                   \
        GIVE(guard->lock);                                                     \
    }                                                                          \
                                                                               \
    struct NAME##_guard NAME##_guard_move(struct NAME##_guard *guard)          \
    {                                                                          \
        struct NAME##_guard moved = *guard;                                    \
                                                                               \
        *guard = (struct NAME##_guard){.lock = NULL, .held = false};           \
        return moved;                                                          \
    }                                                                          \
                                                                               \
    void NAME##_guard_exit(struct NAME##_guard *guard)                         \
    {                                                                          \
        NAME##_guard_drop(guard);                                              \
    }

ASYNC static void semaphore_take_one(struct semaphore *semaphore)
{
    await semaphore_acquire(semaphore, 1);
}

static void semaphore_give_one(struct semaphore *semaphore)
{
    semaphore_release(semaphore, 1);
}

GUARD_FUNCTIONS(semaphore, struct semaphore, semaphore_take_one,
                semaphore_give_one)
GUARD_FUNCTIONS(async_rwlock_read, struct async_rwlock, async_rwlock_read_lock,
                async_rwlock_read_unlock)
GUARD_FUNCTIONS(async_rwlock_write, struct async_rwlock,
                async_rwlock_write_lock, async_rwlock_write_unlock)
