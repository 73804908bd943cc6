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
#include <errno.h>
#include <stddef.h>

#include "cancel.h"
#include "lock.h"
#include "wait.h"

enum { MUTEX_FREE, MUTEX_LOCKED, MUTEX_CONTENDED };

struct mutex_wait {
    struct rt_wait wait;
    struct async_mutex *mutex;
};

void async_mutex_init(struct async_mutex *mutex)
{
    *mutex = (struct async_mutex)ASYNC_MUTEX_INIT;
}

void async_mutex_destroy(struct async_mutex *mutex)
{
    assert(atomic_load(&mutex->state) == MUTEX_FREE);
    assert(!mutex->waiters.first);
    (void)mutex;
}

bool async_mutex_try_lock(struct async_mutex *mutex)
{
    uint32_t seen = MUTEX_FREE;

    return atomic_compare_exchange_strong_explicit(
        &mutex->state, &seen, MUTEX_LOCKED, memory_order_acquire,
        memory_order_relaxed);
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
    struct mutex_wait *waiter = arg;
    struct async_mutex *mutex = waiter->mutex;
    bool has_to_wait;

    lock_acquire(&mutex->queue_lock);
    has_to_wait = !mutex_take_or_mark(mutex);
    if (has_to_wait)
        has_to_wait = rt_wait_add(&mutex->waiters, &waiter->wait, task);
    lock_release(&mutex->queue_lock);
    return has_to_wait;
}

ASYNC static int lock_for(struct async_mutex *mutex, uint64_t timeout_ms)
{
    struct mutex_wait waiter = {.mutex = mutex};

    rt_wait_init(&waiter.wait, timeout_ms);
    waiter.wait.is_shielded = timeout_ms == WAIT_FOREVER;
    await rt_task_suspend(lock_commit, &waiter);
    return rt_wait_end(&waiter.wait, &mutex->queue_lock, &mutex->waiters);
}

/* Before it tries: a task that goes on locking and unlocking gives way now
 * and then, but not with the mutex in its hands. */
ASYNC void async_mutex_lock(struct async_mutex *mutex)
{
    await rt_task_breathe();
    if (!async_mutex_try_lock(mutex))
        await lock_for(mutex, WAIT_FOREVER);
}

ASYNC int async_mutex_lock_timeout_ms(struct async_mutex *mutex,
                                      uint64_t timeout_ms)
{
    int status = await rt_cancel_point();

    if (status != 0 || async_mutex_try_lock(mutex))
        return status;
    return timeout_ms == 0 ? -ETIMEDOUT : await lock_for(mutex, timeout_ms);
}

/* Hands the mutex to the first waiter; what the owner wrote is passed on by
 * the queue's lock and by the way a task becomes ready. False if there is no
 * heir because all waiters' time has run out: the caller still owns it. */
static bool mutex_hand_over(struct async_mutex *mutex)
{
    struct task_list heir = {0};
    bool is_handed_over;

    lock_acquire(&mutex->queue_lock);
    is_handed_over = rt_wait_claim_first(&mutex->waiters, &heir) != NULL;
    if (!mutex->waiters.first)
        atomic_store_explicit(&mutex->state, MUTEX_LOCKED,
                              memory_order_release);
    lock_release(&mutex->queue_lock);
    rt_task_list_ready(&heir);
    return is_handed_over;
}

/* The exchange that frees the mutex is the last thing that touches it: the
 * next owner may give its memory back. */
void async_mutex_unlock(struct async_mutex *mutex)
{
    uint32_t seen;

    do {
        seen = MUTEX_LOCKED;
        if (atomic_compare_exchange_strong_explicit(
                &mutex->state, &seen, MUTEX_FREE, memory_order_release,
                memory_order_relaxed))
            return;
        assert(seen == MUTEX_CONTENDED);
    } while (!mutex_hand_over(mutex));
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
