/*
 * Guards: a lock that is released on every way out of a scope.
 *
 *     await guard(async_mutex)(&cache->lock);      held to the end of the scope
 *
 *     await scoped_guard(async_mutex, &cache->lock) {
 *         ...                                      held in this block
 *     }
 *
 *     guard_var(async_mutex, held) = await async_mutex_guard_enter(&m);
 *     ...
 *     guard_drop(&held);                           released early, once
 *
 * The locks are async_mutex, async_rwlock_read, async_rwlock_write, semaphore
 * (one permit) and blocking_mutex. return, break, continue and goto run the
 * cleanup; longjmp, pthread_exit and exit do not. For a lock NAME the functions
 * are
 *
 *     NAME_guard_enter(lock)    acquires, returns a guard that holds
 *     NAME_guard_defer(lock)    returns a guard that does not hold (yet)
 *     NAME_guard_adopt(lock)    returns a guard for a lock that is held already
 *     NAME_guard_take(&guard)   acquires; the guard must not hold
 *     NAME_guard_drop(&guard)   releases; does nothing if it does not hold
 *     NAME_guard_move(&guard)   hands the hold on: returns it as a new guard,
 *                               and leaves `guard` empty
 *     NAME_guard_exit(&guard)   the cleanup; not to be called by hand
 *
 * enter and take wait as the lock's own function does: the task suspends, for
 * blocking_mutex the thread blocks. The others never wait. A guard belongs to
 * who has the lock; what it names must live as long as it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_GUARD_H
#define RT_GUARD_H

#include "rt/async_mutex.h"
#include "rt/async_rwlock.h"
#include "rt/blocking_mutex.h"
#include "rt/semaphore.h"

/* A named guard; give it a value at once, as cleanup runs on what is there.
 * The attribute stands behind the name so that it is this variable's only. */
#define guard_var(NAME, variable)                                              \
    struct NAME##_guard variable                                               \
        __attribute__((cleanup(NAME##_guard_exit), unused))

/* A guard for the rest of the scope. */
#define guard(NAME)                                                            \
    guard_var(NAME, RT_GUARD_UNIQUE(rt_guard_, __COUNTER__)) =                 \
        NAME##_guard_enter

/* A guard for the block that follows. The block is the body of a loop that
 * runs once: break and continue inside bind to it and leave the block. */
#define scoped_guard(NAME, mutex)                                              \
    RT_GUARD_SCOPE(NAME, mutex, RT_GUARD_UNIQUE(rt_scope_, __COUNTER__),       \
                   RT_GUARD_UNIQUE(rt_once_, __COUNTER__))

/* Releases the guard now; the end of its scope then does nothing. */
/* clang-format off */
#define guard_drop(guard)                                                      \
    _Generic((guard),                                                          \
        struct async_mutex_guard *: async_mutex_guard_drop,                    \
        struct async_rwlock_read_guard *: async_rwlock_read_guard_drop,        \
        struct async_rwlock_write_guard *: async_rwlock_write_guard_drop,      \
        struct semaphore_guard *: semaphore_guard_drop,                        \
        struct blocking_mutex_guard *: blocking_mutex_guard_drop)(guard)
/* clang-format on */

/* Hands the hold on: the value is a new guard, and `guard` is left empty.
 *
 *     guard_var(async_mutex, mine) = guard_move(&theirs);
 */
/* clang-format off */
#define guard_move(guard)                                                      \
    _Generic((guard),                                                          \
        struct async_mutex_guard *: async_mutex_guard_move,                    \
        struct async_rwlock_read_guard *: async_rwlock_read_guard_move,        \
        struct async_rwlock_write_guard *: async_rwlock_write_guard_move,      \
        struct semaphore_guard *: semaphore_guard_move,                        \
        struct blocking_mutex_guard *: blocking_mutex_guard_move)(guard)
/* clang-format on */

/* Names for the macros above: nested guards must not shadow one another. */
#define RT_GUARD_UNIQUE(prefix, number) RT_GUARD_PASTE(prefix, number)
#define RT_GUARD_PASTE(prefix, number) prefix##number
#define RT_GUARD_SCOPE(NAME, mutex, scope, once)                               \
    for (guard_var(NAME, scope) = NAME##_guard_enter(mutex), *once = &scope;   \
         once; once = 0)

#endif
