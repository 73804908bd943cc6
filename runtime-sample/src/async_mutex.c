/*
 * async_mutex: one compare-and-swap when nobody waits, a queue when somebody
 * does, and barging within bounds; async_mutex.h says why.
 *
 * WAITERS is set whenever the queue has somebody: an unlock that sees it looks
 * into the queue. Then either the first waiter is woken, to try again, and
 * WOKEN is set until it has tried; meanwhile unlocks wake nobody. Or, if it
 * has lost too often, the mutex goes from hand to hand and is never free.
 *
 * A mutex may be given back to the heap by who was the last to lock it: the
 * instruction that frees it is the last to touch it, unless somebody has been
 * woken, who then touches it later anyway.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/async_mutex.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "cancel.h"
#include "future.h"
#include "lock.h"
#include "mutex_home.h"
#include "wait.h"
#include "watch.h"

/* So often a woken waiter may find that somebody was faster. Each time it has
 * waited for a turn of its worker; more would let shares drift apart, fewer
 * would hand over, and so switch tasks, more often. */
#define LOSSES_MAX 2

struct mutex_wait {
    struct rt_wait wait;
    struct async_mutex *mutex;
    bool is_owner; /* the mutex was handed over */
    int losses;
};

void async_mutex_init(struct async_mutex *mutex)
{
    *mutex = (struct async_mutex)ASYNC_MUTEX_INIT;
}

void async_mutex_destroy(struct async_mutex *mutex)
{
    assert(atomic_load(&mutex->state) == 0);
    assert(!mutex->waiters.first);
    (void)mutex;
}

static bool state_change(struct async_mutex *mutex, uint32_t *seen,
                         uint32_t wanted)
{
    return atomic_compare_exchange_weak_explicit(&mutex->state, seen, wanted,
                                                 memory_order_acq_rel,
                                                 memory_order_relaxed);
}

/* Whoever comes first when it is not locked, waiters or not. */
static bool mutex_barge(struct async_mutex *mutex, uint32_t seen)
{
    while (!(seen & RT_MUTEX_LOCKED))
        if (state_change(mutex, &seen, seen | RT_MUTEX_LOCKED))
            return true;
    return false;
}

/* Counts by itself: the owner is the only one who may. */
static bool mutex_try(struct async_mutex *mutex)
{
    uint32_t seen;

    rt_home_find(mutex);
    seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    if (!mutex_barge(mutex, seen))
        return false;
    atomic_store_explicit(
        &mutex->rounds,
        1 + atomic_load_explicit(&mutex->rounds, memory_order_relaxed),
        memory_order_relaxed);
    return true;
}

bool async_mutex_try_lock(struct async_mutex *mutex)
{
    bool is_taken = mutex_try(mutex);

    if (is_taken)
        watch_taken(mutex, WATCH_ASYNC, 0);
    return is_taken;
}

/* With the queue locked. True: the mutex is taken. False: its owner will look
 * into the queue. In both cases who was woken has tried. */
static bool mutex_take_or_mark(struct async_mutex *mutex, bool was_woken)
{
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    uint32_t wanted;

    do {
        wanted = seen |
                 (seen & RT_MUTEX_LOCKED ? RT_MUTEX_WAITERS : RT_MUTEX_LOCKED);
        if (was_woken)
            wanted &= ~(uint32_t)RT_MUTEX_WOKEN;
    } while (!state_change(mutex, &seen, wanted));
    return !(seen & RT_MUTEX_LOCKED);
}

/* The queue was locked by the task itself, on its stack, so that the mutex
 * cannot become free between its last try and here. */
static bool lock_commit(struct rt_task *task, void *arg)
{
    struct mutex_wait *waiter = arg;
    struct async_mutex *mutex = waiter->mutex;
    bool has_to_wait = true;

    if (waiter->losses > 0)
        rt_wait_add_first(&mutex->waiters, &waiter->wait, task);
    else
        has_to_wait = rt_wait_add(&mutex->waiters, &waiter->wait, task);
    lock_release(&mutex->queue_lock);
    return has_to_wait;
}

ASYNC static int lock_for(struct async_mutex *mutex, uint64_t timeout_ms)
{
    struct mutex_wait waiter = {.mutex = mutex};
    int status;

    for (;;) {
        lock_acquire(&mutex->queue_lock);
        if (mutex_take_or_mark(mutex, waiter.losses > 0)) {
            lock_release(&mutex->queue_lock);
            return 0;
        }
        rt_wait_init(&waiter.wait, timeout_ms);
        waiter.wait.is_shielded = timeout_ms == WAIT_FOREVER;
        await rt_task_suspend(lock_commit, &waiter);
        status = rt_wait_end(&waiter.wait, &mutex->queue_lock, &mutex->waiters);
        if (status != 0 || waiter.is_owner)
            return status;
        waiter.losses++;
    }
}

ASYNC static int lock_watched(struct async_mutex *mutex, uint64_t timeout_ms)
{
    int status = 0;

    rt_watch_wants(mutex, WATCH_ASYNC, timeout_ms == WAIT_FOREVER);
    if (!mutex_try(mutex))
        status =
            timeout_ms == 0 ? -ETIMEDOUT : await lock_for(mutex, timeout_ms);
    rt_watch_taken(mutex, WATCH_ASYNC, status);
    return status;
}

/* The fast way takes no turns; whoever is here instead pays for all. */
static int turns_to_take(const struct async_mutex *mutex)
{
    uint32_t rounds =
        1 + atomic_load_explicit(&mutex->rounds, memory_order_relaxed);

    return rounds % RT_MUTEX_ROUNDS_PER_LOOK ? 1 : RT_MUTEX_ROUNDS_PER_LOOK;
}

/* Before it tries: a task that goes on locking and unlocking gives way now
 * and then, but not with the mutex in its hands. */
ASYNC void rt_mutex_lock_slowly(struct async_mutex *mutex)
{
    await rt_task_breathe_after(turns_to_take(mutex));
    if (watch_is_on())
        await lock_watched(mutex, WAIT_FOREVER);
    else if (!mutex_try(mutex))
        await lock_for(mutex, WAIT_FOREVER);
}

ASYNC int async_mutex_lock_timeout_ms(struct async_mutex *mutex,
                                      uint64_t timeout_ms)
{
    int status = await rt_cancel_point();

    if (status == 0 && watch_is_on())
        return await lock_watched(mutex, timeout_ms);
    if (status != 0 || mutex_try(mutex))
        return status;
    return timeout_ms == 0 ? -ETIMEDOUT : await lock_for(mutex, timeout_ms);
}

/* Who waits for a limited time gets the mutex, not a chance: another wait
 * would be longer than that. */
static bool is_handed_over_to(const struct mutex_wait *waiter)
{
    return waiter->losses >= LOSSES_MAX ||
           waiter->wait.timeout_ms != WAIT_FOREVER;
}

/* With the queue locked. The first waiter that can be claimed gets the mutex,
 * or is woken to try; what the owner wrote is passed on by the state or by the
 * way a task becomes ready. Without one the caller still owns the mutex. */
static bool mutex_pass_on(struct async_mutex *mutex, struct task_list *woken)
{
    struct mutex_wait *heir =
        (struct mutex_wait *)rt_wait_claim_first(&mutex->waiters, woken);
    uint32_t waiters = mutex->waiters.first ? RT_MUTEX_WAITERS : 0;
    uint32_t wanted = RT_MUTEX_WOKEN;

    if (heir)
        heir->is_owner = is_handed_over_to(heir);
    if (!heir || heir->is_owner)
        wanted = RT_MUTEX_LOCKED;
    atomic_store_explicit(&mutex->state, waiters | wanted,
                          memory_order_release);
    return heir != NULL;
}

/* As long as somebody is awake to try, the mutex is only freed. The state has
 * no other writers while it is locked, has waiters, and the queue is locked. */
static void unlock_slowly(struct async_mutex *mutex, uint32_t seen)
{
    struct task_list woken = {0};
    bool is_passed_on = false;

    while (!is_passed_on) {
        assert(seen & RT_MUTEX_LOCKED);
        if (!(seen & RT_MUTEX_WAITERS) || (seen & RT_MUTEX_WOKEN)) {
            if (state_change(mutex, &seen, seen & ~(uint32_t)RT_MUTEX_LOCKED))
                return;
            continue;
        }
        lock_acquire(&mutex->queue_lock);
        is_passed_on = mutex_pass_on(mutex, &woken);
        lock_release(&mutex->queue_lock);
        seen = RT_MUTEX_LOCKED;
    }
    if (woken.first)
        rt_task_ready_first(task_list_take(&woken));
}

void rt_mutex_unlock_slowly(struct async_mutex *mutex)
{
    uint32_t seen;

    rt_home_find(mutex);
    watch_given(mutex);
    seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    unlock_slowly(mutex, seen);
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

static int future_try(struct rt_future *future)
{
    return async_mutex_try_lock(future->object) ? 0 : -EAGAIN;
}

/* Who barges asks nobody, so the mutex is taken first, and given back if some
 * other arm was faster. Who has to wait cannot try again when it is woken: it
 * gets the mutex from hand to hand. */
static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct mutex_wait *waiter = FUTURE_ROOM(struct mutex_wait, future);
    struct async_mutex *mutex = future->object;
    bool is_taken;
    bool is_too_late = false;

    *waiter = (struct mutex_wait){.mutex = mutex, .losses = LOSSES_MAX};
    rt_future_wait_init(future, &waiter->wait);
    lock_acquire(&mutex->queue_lock);
    is_taken = mutex_take_or_mark(mutex, false);
    if (!is_taken)
        rt_wait_list_add(&mutex->waiters, &waiter->wait, task);
    else
        is_too_late = !rt_wait_claim_own(&waiter->wait, task);
    lock_release(&mutex->queue_lock);
    if (is_too_late)
        async_mutex_unlock(mutex);
}

static int future_end(struct rt_future *future)
{
    struct mutex_wait *waiter = FUTURE_ROOM(struct mutex_wait, future);
    struct async_mutex *mutex = future->object;

    if (!rt_future_wait_end(&waiter->wait, &mutex->queue_lock, &mutex->waiters))
        return -EAGAIN;
    watch_taken(mutex, WATCH_ASYNC, 0);
    return 0;
}

struct rt_future async_mutex_lock_future(struct async_mutex *mutex)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return (struct rt_future){
        .status = -EINPROGRESS,
        .ops = &ops,
        .object = mutex,
    };
}
