/*
 * The ways through async_mutex_lock and async_mutex_unlock when nothing is in
 * the way, to be inlined, and what is called otherwise. All names here are the
 * runtime's own; async_mutex.c says why this is enough.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_MUTEX_FAST_H
#define RT_ASYNC_MUTEX_FAST_H

#include "rt/async_mutex.h"

/* In `state`. BUSY: tasks have waited lately, and it is freed by a
 * compare-and-swap. WAITERS is only set with it, but at home. */
enum {
    RT_MUTEX_LOCKED = 1,
    RT_MUTEX_WAITERS = 2,
    RT_MUTEX_WOKEN = 4,
    RT_MUTEX_BUSY = 8
};

/* In `home`. */
enum { RT_MUTEX_SHARED = 1 };

/* The slow way lets others run, if it is time for that. */
#define RT_MUTEX_ROUNDS_PER_LOOK 64

/* Who has begun to wait for a mutex that was not BUSY calls its owner. */
#define RT_MUTEX_CALLS 64
struct rt_mutex_call {
    _Atomic(struct rt_mutex_call *) next;
    struct async_mutex *mutex;
};
extern struct rt_mutex_call rt_mutex_calls[RT_MUTEX_CALLS];

static inline struct rt_mutex_call *
rt_mutex_calls_for(const struct async_mutex *mutex)
{
    return &rt_mutex_calls[((uintptr_t)mutex >> 6) % RT_MUTEX_CALLS];
}

/* Is the same on all threads of an executor, so that it does not matter if the
 * compiler takes another thread's for this one's. */
extern _Thread_local uint32_t rt_thread_home;
extern _Atomic int rt_watch_count;
extern bool rt_fence_is_remote;

ASYNC void rt_mutex_lock_slowly(struct async_mutex *mutex);
void rt_mutex_unlock_slowly(struct async_mutex *mutex);
void rt_mutex_answer_call(struct async_mutex *mutex);

/* Without optimisation, too: the watchdog is to name the place of the call. */
#define RT_MUTEX_INLINE static inline __attribute__((always_inline))

static inline bool rt_watch_is_off(void)
{
    return atomic_load_explicit(&rt_watch_count, memory_order_relaxed) == 0;
}

static inline bool rt_mutex_swap(struct async_mutex *mutex, uint32_t from,
                                 uint32_t to)
{
    return atomic_compare_exchange_strong_explicit(
        &mutex->state, &from, to, memory_order_acq_rel, memory_order_relaxed);
}

static inline bool rt_mutex_lock_fast(struct async_mutex *mutex)
{
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_relaxed);
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    if (home == RT_MUTEX_SHARED)
        return (seen == 0 || seen == RT_MUTEX_BUSY) &&
               rt_mutex_swap(mutex, seen, seen | RT_MUTEX_LOCKED);
    if (home != rt_thread_home || home == 0 || seen != 0)
        return false;
    atomic_store_explicit(&mutex->state, RT_MUTEX_LOCKED, memory_order_relaxed);
    return true;
}

/* The plain store may undo what a waiter has just written there; that one has
 * then called, and we hear it. */
static inline bool rt_mutex_unlock_fast(struct async_mutex *mutex)
{
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_relaxed);
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    if (home != RT_MUTEX_SHARED && (home != rt_thread_home || home == 0))
        return false;
    if (seen == (RT_MUTEX_LOCKED | RT_MUTEX_BUSY))
        return rt_mutex_swap(mutex, seen, RT_MUTEX_BUSY);
    if (seen != RT_MUTEX_LOCKED ||
        (home == RT_MUTEX_SHARED && !rt_fence_is_remote))
        return false;
    atomic_store_explicit(&mutex->state, 0, memory_order_release);
    if (home != RT_MUTEX_SHARED)
        return true;
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&rt_mutex_calls_for(mutex)->next,
                             memory_order_relaxed))
        rt_mutex_answer_call(mutex);
    return true;
}

ASYNC RT_MUTEX_INLINE void async_mutex_lock(struct async_mutex *mutex)
{
    uint32_t rounds =
        atomic_load_explicit(&mutex->rounds, memory_order_relaxed) + 1;

    if (rounds % RT_MUTEX_ROUNDS_PER_LOOK != 0 && rt_watch_is_off() &&
        rt_mutex_lock_fast(mutex))
        atomic_store_explicit(&mutex->rounds, rounds, memory_order_relaxed);
    else
        await rt_mutex_lock_slowly(mutex);
}

RT_MUTEX_INLINE void async_mutex_unlock(struct async_mutex *mutex)
{
    if (!rt_watch_is_off() || !rt_mutex_unlock_fast(mutex))
        rt_mutex_unlock_slowly(mutex);
}

#endif
