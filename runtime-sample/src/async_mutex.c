/*
 * async_mutex: one compare-and-swap when nobody waits, a queue when somebody
 * does.
 *
 * With waiters the state stays CONTENDED from owner to owner, so a newcomer
 * cannot overtake: it sees that state and queues. Both the step from free or
 * locked to contended and the step back are made under the queue's lock, so an
 * unlock that sees CONTENDED finds its waiter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/async_mutex.h"

#include <assert.h>
#include <stddef.h>

#include "lock.h"
#include "task.h"

enum { MUTEX_FREE, MUTEX_LOCKED, MUTEX_CONTENDED };

static bool lock_commit(struct rt_task *task, void *arg);

void async_mutex_init(struct async_mutex *mutex)
{
    *mutex = (struct async_mutex)ASYNC_MUTEX_INIT;
}

void async_mutex_destroy(struct async_mutex *mutex)
{
    assert(atomic_load(&mutex->state) == MUTEX_FREE);
    assert(!mutex->first_waiter);
    (void)mutex;
}

bool async_mutex_try_lock(struct async_mutex *mutex)
{
    uint32_t seen = MUTEX_FREE;

    return atomic_compare_exchange_strong_explicit(
        &mutex->state, &seen, MUTEX_LOCKED, memory_order_acquire,
        memory_order_relaxed);
}

ASYNC void async_mutex_lock(struct async_mutex *mutex)
{
    if (!async_mutex_try_lock(mutex))
        await rt_task_suspend(lock_commit, mutex);
}

/* With the queue locked. True: the mutex is taken; false: it is contended, and
 * its owner will look into the queue. */
static bool mutex_take_or_mark(struct async_mutex *mutex)
{
    uint32_t seen = MUTEX_FREE;

    while (seen != MUTEX_CONTENDED) {
        uint32_t wanted = seen == MUTEX_FREE ? MUTEX_LOCKED : MUTEX_CONTENDED;

        if (atomic_compare_exchange_weak_explicit(&mutex->state, &seen, wanted,
                                                  memory_order_acquire,
                                                  memory_order_relaxed))
            return wanted == MUTEX_LOCKED;
    }
    return false;
}

static bool lock_commit(struct rt_task *task, void *arg)
{
    struct async_mutex *mutex = arg;
    bool has_to_wait;

    lock_acquire(&mutex->queue_lock);
    has_to_wait = !mutex_take_or_mark(mutex);
    if (has_to_wait) {
        assert(!task->next);
        if (mutex->first_waiter)
            mutex->last_waiter->next = task;
        else
            mutex->first_waiter = task;
        mutex->last_waiter = task;
    }
    lock_release(&mutex->queue_lock);
    return has_to_wait;
}

/* Hands the mutex to the first waiter; what the owner wrote is passed on by
 * the queue's lock and by the way a task becomes ready. */
static void mutex_hand_over(struct async_mutex *mutex)
{
    struct rt_task *heir;

    lock_acquire(&mutex->queue_lock);
    heir = mutex->first_waiter;
    assert(heir);
    mutex->first_waiter = heir->next;
    heir->next = NULL;
    if (!mutex->first_waiter)
        atomic_store_explicit(&mutex->state, MUTEX_LOCKED,
                              memory_order_release);
    lock_release(&mutex->queue_lock);
    rt_task_ready(heir);
}

void async_mutex_unlock(struct async_mutex *mutex)
{
    uint32_t seen = MUTEX_LOCKED;

    if (atomic_compare_exchange_strong_explicit(
            &mutex->state, &seen, MUTEX_FREE, memory_order_release,
            memory_order_relaxed))
        return;
    assert(seen == MUTEX_CONTENDED);
    mutex_hand_over(mutex);
}

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
