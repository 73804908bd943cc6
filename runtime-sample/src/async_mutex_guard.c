/*
 * The guard of an async_mutex.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/async_mutex.h"

#include <assert.h>
#include <stddef.h>

ASYNC struct async_mutex_guard
async_mutex_guard_enter(struct async_mutex *mutex)
{
    await async_mutex_lock(mutex);
    return (struct async_mutex_guard){.lock = mutex, .held = true};
}

struct async_mutex_guard async_mutex_guard_defer(struct async_mutex *mutex)
{
    return (struct async_mutex_guard){.lock = mutex, .held = false};
}

struct async_mutex_guard async_mutex_guard_adopt(struct async_mutex *mutex)
{
    return (struct async_mutex_guard){.lock = mutex, .held = true};
}

ASYNC void async_mutex_guard_take(struct async_mutex_guard *guard)
{
    assert(guard->lock);
    assert(!guard->held);
    await async_mutex_lock(guard->lock);
    guard->held = true;
}

void async_mutex_guard_drop(struct async_mutex_guard *guard)
{
    if (!guard->held)
        return;
    guard->held = false;
    async_mutex_unlock(guard->lock);
}

struct async_mutex_guard async_mutex_guard_move(struct async_mutex_guard *guard)
{
    struct async_mutex_guard moved = *guard;

    *guard = (struct async_mutex_guard){.lock = NULL, .held = false};
    return moved;
}

void async_mutex_guard_exit(struct async_mutex_guard *guard)
{
    async_mutex_guard_drop(guard);
}
