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
 * Between workers, tasks that contend stay on one of them, where the cache has
 * the mutex and a hand-over is a switch (lock cohorting: Dice, Marathe, Shavit,
 * 2012, where a cohort is a memory node): who wakes a waiter notes where and
 * when, and a task of another worker that comes right after queues, though the
 * mutex may be free.
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
#include "runtime.h"
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
    bool must_own;  /* cannot try when it is woken */
    bool gives_way; /* does not take what one who was woken is to try for */
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
    assert(atomic_load(&mutex->held) == 0);
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

static uint32_t mutex_rounds(const struct async_mutex *mutex)
{
    return atomic_load_explicit(&mutex->rounds, memory_order_relaxed);
}

/* So many rounds after somebody has waited for it, a mutex is not busy any
 * more: that it becomes so again costs as much as many of them. */
#define ROUNDS_BUSY ((1 << 20) * RT_MUTEX_ROUND)

/* So long a task leaves the mutex to who was woken on another worker, where it
 * runs next; unless a task there goes on and on. */
#define GIVE_WAY_US 50

/* Whoever comes first when it is not locked, waiters or not. */
static bool mutex_barge(struct async_mutex *mutex, uint32_t seen)
{
    uint32_t rounds = mutex_rounds(mutex) + RT_MUTEX_ROUND;

    while (!(seen & RT_MUTEX_LOCKED)) {
        bool is_calm =
            seen == RT_MUTEX_BUSY && rounds % ROUNDS_BUSY < RT_MUTEX_ROUND;
        uint32_t wanted = is_calm ? 0 : seen;

        if (state_change(mutex, &seen, wanted | RT_MUTEX_LOCKED))
            return true;
    }
    return false;
}

/* Counts by itself: the owner is the only one who may. */
static bool mutex_try(struct async_mutex *mutex)
{
    bool is_at_home = rt_home_enter(mutex);
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    bool is_taken = mutex_barge(mutex, seen);

    rt_home_leave(mutex, is_at_home);
    if (is_taken)
        rt_mutex_round_count(mutex, mutex_rounds(mutex));
    return is_taken;
}

bool async_mutex_try_lock(struct async_mutex *mutex)
{
    bool is_taken = mutex_try(mutex);

    if (is_taken)
        watch_taken(mutex, WATCH_ASYNC, 0);
    return is_taken;
}

/* A worker, or 0. */
static uint32_t place_here(void)
{
    const struct worker *worker = rt_worker_current();

    return worker ? (uint32_t)((uintptr_t)worker >> 4) : 0;
}

static uint32_t now_us(void)
{
    return (uint32_t)(rt_now_ns() / 1000);
}

/* While it is fought for: do its waiters go to another worker? */
static bool is_placed_elsewhere(const struct async_mutex *mutex)
{
    return mutex_is_shared(mutex) &&
           atomic_load_explicit(&mutex->place, memory_order_relaxed) !=
               place_here();
}

/* Is one who was woken about to try there? */
static bool is_to_be_tried_elsewhere(const struct async_mutex *mutex)
{
    const uint32_t awaited = RT_MUTEX_WAITERS | RT_MUTEX_WOKEN;
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    return (seen & awaited) == awaited && is_placed_elsewhere(mutex) &&
           now_us() - atomic_load_explicit(&mutex->woken_us,
                                           memory_order_relaxed) <
               GIVE_WAY_US;
}

/* Who was woken has tried. Returns the state before. */
static uint32_t mutex_take_or_mark(struct async_mutex *mutex, bool is_at_home,
                                   bool was_woken)
{
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    uint32_t marks = RT_MUTEX_WAITERS | (is_at_home ? 0 : RT_MUTEX_BUSY);
    uint32_t wanted;

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
    const uint32_t awaited = RT_MUTEX_WAITERS | RT_MUTEX_WOKEN;
    uint32_t state = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    if (waiter->gives_way && waiter->losses == 0 &&
        (state & awaited) == awaited)
        return false;
    do {
        bool is_at_home = rt_home_enter(mutex);

        state = mutex_take_or_mark(mutex, is_at_home, waiter->losses > 0);
        rt_home_leave(mutex, is_at_home);
        if (!(state & RT_MUTEX_LOCKED))
            return true;
        if (is_at_home || (state & RT_MUTEX_BUSY) || rt_mutex_is_called(mutex))
            return false;
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
        if (is_placed_elsewhere(mutex))
            rt_idle_note_waste();
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

/* The owner may not have heard the call yet. Others that wait rely on it; those
 * who are to come must not find the mutex busy if nobody does. */
static void call_withdraw(struct async_mutex *mutex, struct mutex_wait *waiter)
{
    const uint32_t marks = RT_MUTEX_BUSY | RT_MUTEX_WAITERS;
    struct mutex_wait *next;
    uint32_t seen;

    lock_acquire(&mutex->queue_lock);
    next = (struct mutex_wait *)mutex->waiters.first;
    seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    if (next)
        next->has_called |=
            rt_mutex_call_leave(&waiter->call, &next->call, mutex);
    else if (rt_mutex_call_end(&waiter->call, mutex))
        while ((seen & RT_MUTEX_LOCKED) && !(seen & RT_MUTEX_WOKEN))
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
        (void)rt_mutex_call_end(&waiter->call, mutex);
    else
        call_withdraw(mutex, waiter);
}

ASYNC static int lock_for(struct async_mutex *mutex, uint64_t timeout_ms,
                          bool gives_way)
{
    struct mutex_wait waiter = {.mutex = mutex, .gives_way = gives_way};
    int status = await wait_for(mutex, &waiter, timeout_ms);

    call_finish(mutex, &waiter, status == 0);
    return status;
}

ASYNC static int lock_watched(struct async_mutex *mutex, uint64_t timeout_ms)
{
    int status = 0;

    rt_watch_wants(mutex, WATCH_ASYNC, timeout_ms == WAIT_FOREVER);
    if (!mutex_try(mutex))
        status = timeout_ms == 0 ? -ETIMEDOUT
                                 : await lock_for(mutex, timeout_ms, false);
    rt_watch_taken(mutex, WATCH_ASYNC, status);
    return status;
}

/* The fast way takes no turns; whoever is here instead pays for all. */
static int turns_to_take(const struct async_mutex *mutex)
{
    bool is_time = mutex_rounds(mutex) % RT_MUTEX_ROUNDS_PER_LOOK == 0;

    return is_time ? RT_MUTEX_ROUNDS_PER_LOOK / RT_MUTEX_ROUND : 1;
}

/* Before it tries: a task that goes on locking and unlocking gives way now
 * and then, but not with the mutex in its hands. */
ASYNC void rt_mutex_lock_slowly(struct async_mutex *mutex)
{
    bool gives_way;

    await rt_task_breathe_after(turns_to_take(mutex));
    rt_worker_quieten();
    if (watch_is_on()) {
        await lock_watched(mutex, WAIT_FOREVER);
        return;
    }
    gives_way = is_to_be_tried_elsewhere(mutex);
    if (gives_way || !mutex_try(mutex))
        await lock_for(mutex, WAIT_FOREVER, gives_way);
}

ASYNC int async_mutex_lock_timeout_ms(struct async_mutex *mutex,
                                      uint64_t timeout_ms)
{
    int status = await rt_cancel_point();

    timeout_ms = wait_limited_ms(timeout_ms);
    if (status == 0 && watch_is_on())
        return await lock_watched(mutex, timeout_ms);
    if (status != 0 || mutex_try(mutex))
        return status;
    return timeout_ms == 0 ? -ETIMEDOUT
                           : await lock_for(mutex, timeout_ms, false);
}

/* Who waits for a limited time gets the mutex, not a chance: another wait
 * would be longer than that. */
static bool is_handed_over_to(const struct mutex_wait *waiter)
{
    return waiter->losses >= LOSSES_MAX || waiter->must_own ||
           waiter->wait.timeout_ms != WAIT_FOREVER;
}

static void woken_note(struct async_mutex *mutex)
{
    atomic_store_explicit(&mutex->place, place_here(), memory_order_relaxed);
    atomic_store_explicit(&mutex->woken_us, now_us(), memory_order_relaxed);
}

/* With the queue locked. The first waiter that can be claimed gets the mutex,
 * or is woken to try; what the owner wrote is passed on by the state or by the
 * way a task becomes ready. Without one the caller still owns the mutex. */
static bool mutex_pass_on(struct async_mutex *mutex, bool is_at_home,
                          struct task_list *woken)
{
    struct mutex_wait *heir =
        (struct mutex_wait *)rt_wait_claim_first(&mutex->waiters, woken);
    uint32_t waiters = mutex->waiters.first ? RT_MUTEX_WAITERS : 0;
    uint32_t busy = is_at_home ? 0 : RT_MUTEX_BUSY;
    uint32_t wanted = RT_MUTEX_WOKEN;

    if (busy)
        rt_mutex_calls_drop(mutex);
    atomic_store_explicit(
        &mutex->rounds,
        atomic_load_explicit(&mutex->rounds, memory_order_relaxed) %
            RT_MUTEX_ROUNDS_PER_LOOK,
        memory_order_relaxed);
    if (heir)
        heir->is_owner = is_handed_over_to(heir);
    if (!heir || heir->is_owner)
        wanted = RT_MUTEX_LOCKED;
    else if (busy)
        woken_note(mutex);
    atomic_store_explicit(&mutex->state, busy | waiters | wanted,
                          memory_order_release);
    return heir != NULL;
}

/* As long as somebody is awake to try, the mutex is only freed. The state has
 * no other writers while it is locked, has waiters, and the queue is locked. */
static void mutex_free(struct async_mutex *mutex, bool is_at_home,
                       uint32_t seen, struct task_list *woken)
{
    bool is_passed_on = false;

    while (!is_passed_on) {
        assert(seen & RT_MUTEX_LOCKED);
        if (!(seen & RT_MUTEX_WAITERS) || (seen & RT_MUTEX_WOKEN)) {
            if (state_change(mutex, &seen, seen & ~(uint32_t)RT_MUTEX_LOCKED))
                return;
            continue;
        }
        lock_acquire(&mutex->queue_lock);
        is_passed_on = mutex_pass_on(mutex, is_at_home, woken);
        lock_release(&mutex->queue_lock);
        seen = RT_MUTEX_LOCKED;
    }
}

static void woken_run(struct task_list *woken)
{
    if (woken->first)
        rt_task_ready_first(task_list_take(woken));
}

void rt_mutex_answer_call(struct async_mutex *mutex)
{
    struct task_list woken = {0};

    if (!rt_mutex_call_hear(mutex))
        return;
    mutex_free(mutex, false, RT_MUTEX_LOCKED | RT_MUTEX_WAITERS | RT_MUTEX_BUSY,
               &woken);
    woken_run(&woken);
}

void rt_mutex_unlock_slowly(struct async_mutex *mutex)
{
    struct task_list woken = {0};
    bool is_at_home;

    watch_given(mutex);
    is_at_home = rt_home_enter(mutex);
    if (!is_at_home)
        rt_home_settle_held(mutex);
    mutex_free(mutex, is_at_home,
               atomic_load_explicit(&mutex->state, memory_order_relaxed),
               &woken);
    rt_home_leave(mutex, is_at_home);
    woken_run(&woken);
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

    return rt_future_make(&ops, mutex, NULL, 0);
}
