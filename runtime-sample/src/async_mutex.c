/*
 * async_mutex: one compare-and-swap when nobody waits, a queue when somebody
 * does, and barging within bounds; async_mutex.h says why.
 *
 * WAITERS is set whenever the queue has somebody: an unlock that sees it looks
 * into the queue. Then either the first waiter is woken, to try again, and
 * WOKEN is set until it has tried; meanwhile unlocks wake nobody. Or, if it
 * has lost too often, the mutex goes from hand to hand and is never free.
 *
 * A mutex without waiters is freed by a plain store: mutex_call.h says how they
 * are heard nevertheless. One that all tasks use on one thread needs no locked
 * instruction at all, see mutex_home.h.
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

#include "base.h"
#include "cancel.h"
#include "future.h"
#include "lock.h"
#include "mutex_call.h"
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
    bool has_called;
    bool must_own; /* cannot try when it is woken */
    int losses;
    struct rt_mutex_call call;
};

void async_mutex_init(struct async_mutex *mutex)
{
    *mutex = (struct async_mutex)ASYNC_MUTEX_INIT;
}

void async_mutex_destroy(struct async_mutex *mutex)
{
    assert((atomic_load(&mutex->state) & ~(uint32_t)RT_MUTEX_BUSY) == 0);
    assert(!mutex->waiters.first);
    (void)mutex;
}

static bool mutex_is_shared(const struct async_mutex *mutex)
{
    return atomic_load_explicit(&mutex->home, memory_order_relaxed) ==
           RT_MUTEX_SHARED;
}

static bool state_change(struct async_mutex *mutex, uint32_t *seen,
                         uint32_t wanted)
{
    return atomic_compare_exchange_weak_explicit(&mutex->state, seen, wanted,
                                                 memory_order_acq_rel,
                                                 memory_order_relaxed);
}

/* So many rounds after it became busy, and without waiters, a mutex is not any
 * more: that it becomes so again costs as much as many of them. */
#define ROUNDS_BUSY 16384

/* Whoever comes first when it is not locked, waiters or not. */
static bool mutex_barge(struct async_mutex *mutex, uint32_t seen)
{
    uint32_t rounds =
        atomic_load_explicit(&mutex->rounds, memory_order_relaxed) + 1;

    while (!(seen & RT_MUTEX_LOCKED)) {
        bool is_calm = seen == RT_MUTEX_BUSY && rounds % ROUNDS_BUSY == 0;
        uint32_t wanted = is_calm ? 0 : seen;

        if (state_change(mutex, &seen, wanted | RT_MUTEX_LOCKED))
            return true;
    }
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

/* Who was woken has tried. Returns the state before. */
static uint32_t mutex_take_or_mark(struct async_mutex *mutex, bool was_woken)
{
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    uint32_t marks = RT_MUTEX_WAITERS;
    uint32_t wanted;

    if (mutex_is_shared(mutex))
        marks |= RT_MUTEX_BUSY;
    do {
        wanted = seen | (seen & RT_MUTEX_LOCKED ? marks : RT_MUTEX_LOCKED);
        if (was_woken)
            wanted &= ~(uint32_t)RT_MUTEX_WOKEN;
    } while (!state_change(mutex, &seen, wanted));
    return seen;
}

/* With the queue locked. True: the mutex is taken. False: its owner will look
 * into the queue; see mutex_call.h for how it comes to know. */
static bool take_or_call(struct async_mutex *mutex, struct mutex_wait *waiter)
{
    uint32_t state;

    do {
        state = mutex_take_or_mark(mutex, waiter->losses > 0);
        if (!(state & RT_MUTEX_LOCKED))
            return true;
        if (!mutex_is_shared(mutex) ||
            ((state & RT_MUTEX_BUSY) && !rt_mutex_is_called(mutex)))
            return false;
        if (!waiter->has_called)
            rt_mutex_call(&waiter->call, mutex);
        waiter->has_called = true;
        rt_fence_heavy();
        state = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    } while (!(state & RT_MUTEX_WAITERS));
    return false;
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

ASYNC static int wait_for(struct async_mutex *mutex, struct mutex_wait *waiter,
                          uint64_t timeout_ms)
{
    int status;

    for (;;) {
        lock_acquire(&mutex->queue_lock);
        if (take_or_call(mutex, waiter)) {
            lock_release(&mutex->queue_lock);
            return 0;
        }
        rt_wait_init(&waiter->wait, timeout_ms);
        waiter->wait.is_shielded = timeout_ms == WAIT_FOREVER;
        await rt_task_suspend(lock_commit, waiter);
        status =
            rt_wait_end(&waiter->wait, &mutex->queue_lock, &mutex->waiters);
        if (status != 0 || waiter->is_owner)
            return status;
        waiter->losses++;
    }
}

/* The owner may not have heard the call yet. Others that wait have called, too;
 * those who are to come have to, and so must not find the mutex busy. */
static void call_withdraw(struct async_mutex *mutex, struct mutex_wait *waiter)
{
    const uint32_t marks = RT_MUTEX_BUSY | RT_MUTEX_WAITERS;
    uint32_t seen;

    lock_acquire(&mutex->queue_lock);
    rt_mutex_call_end(&waiter->call);
    seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    while (!mutex->waiters.first && (seen & RT_MUTEX_LOCKED) &&
           !(seen & RT_MUTEX_WOKEN))
        if (state_change(mutex, &seen, seen & ~marks))
            break;
    lock_release(&mutex->queue_lock);
}

static void call_finish(struct async_mutex *mutex, struct mutex_wait *waiter,
                        bool is_owner)
{
    if (!waiter->has_called)
        return;
    if (is_owner)
        rt_mutex_call_end(&waiter->call);
    else
        call_withdraw(mutex, waiter);
}

ASYNC static int lock_for(struct async_mutex *mutex, uint64_t timeout_ms)
{
    struct mutex_wait waiter = {.mutex = mutex};
    int status = await wait_for(mutex, &waiter, timeout_ms);

    call_finish(mutex, &waiter, status == 0);
    return status;
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
    return waiter->losses >= LOSSES_MAX || waiter->must_own ||
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
    uint32_t busy = mutex_is_shared(mutex) ? RT_MUTEX_BUSY : 0;
    uint32_t wanted = RT_MUTEX_WOKEN;

    if (heir)
        heir->is_owner = is_handed_over_to(heir);
    if (!heir || heir->is_owner)
        wanted = RT_MUTEX_LOCKED;
    atomic_store_explicit(&mutex->state, busy | waiters | wanted,
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

void rt_mutex_answer_call(struct async_mutex *mutex)
{
    if (rt_mutex_call_hear(mutex))
        unlock_slowly(mutex,
                      RT_MUTEX_LOCKED | RT_MUTEX_WAITERS | RT_MUTEX_BUSY);
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

    *waiter = (struct mutex_wait){.mutex = mutex, .must_own = true};
    rt_future_wait_init(future, &waiter->wait);
    rt_home_find(mutex);
    lock_acquire(&mutex->queue_lock);
    is_taken = take_or_call(mutex, waiter);
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

    bool is_owner =
        rt_future_wait_end(&waiter->wait, &mutex->queue_lock, &mutex->waiters);

    call_finish(mutex, waiter, is_owner);
    if (!is_owner)
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
