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
enum { RT_MUTEX_NOWHERE = 0, RT_MUTEX_SHARED = 1, RT_MUTEX_MOVING = 2 };
#define RT_MUTEX_HOMELESS UINT32_MAX /* a thread's, if it has none */

/* The slow way lets others run, if it is time for that. */
#define RT_MUTEX_ROUNDS_PER_LOOK (64 * RT_MUTEX_ROUND)

/* In `rounds`: one round, and what is there within a section. */
enum { RT_MUTEX_SECTION = 1, RT_MUTEX_ROUND = 2 };

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

/* At home, with what `rounds` is: begins a section; false if the home is over
 * by now. mutex_home.h says who looks. */
static inline bool rt_mutex_section_begin(struct async_mutex *mutex,
                                          uint32_t home, uint32_t rounds)
{
    atomic_store_explicit(&mutex->rounds, rounds + RT_MUTEX_SECTION,
                          memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&mutex->home, memory_order_relaxed) == home)
        return true;
    atomic_store_explicit(&mutex->rounds, rounds, memory_order_release);
    return false;
}

/* The end of the section is the count of the round. */
static inline bool rt_mutex_lock_at_home(struct async_mutex *mutex,
                                         uint32_t home, uint32_t rounds)
{
    bool is_free;

    if (!rt_mutex_section_begin(mutex, home, rounds))
        return false;
    is_free = atomic_load_explicit(&mutex->state, memory_order_relaxed) == 0;
    if (is_free)
        atomic_store_explicit(&mutex->state, RT_MUTEX_LOCKED,
                              memory_order_relaxed);
    atomic_store_explicit(&mutex->rounds, rounds + RT_MUTEX_ROUND,
                          memory_order_release);
    return is_free;
}

/* By the owner. Somebody who learns just now that he is not at home any more
 * may have left the mark. */
static inline void rt_mutex_round_count(struct async_mutex *mutex,
                                        uint32_t rounds)
{
    atomic_store_explicit(&mutex->rounds,
                          (rounds | RT_MUTEX_SECTION) - RT_MUTEX_SECTION +
                              RT_MUTEX_ROUND,
                          memory_order_relaxed);
}

static inline bool rt_mutex_lock_fast(struct async_mutex *mutex,
                                      uint32_t rounds)
{
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_relaxed);
    uint32_t seen;

    if (home == rt_thread_home)
        return rt_mutex_lock_at_home(mutex, home, rounds);
    seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);
    if (home != RT_MUTEX_SHARED || (seen != 0 && seen != RT_MUTEX_BUSY) ||
        !rt_mutex_swap(mutex, seen, seen | RT_MUTEX_LOCKED))
        return false;
    rt_mutex_round_count(mutex, rounds);
    return true;
}

/* The plain store may undo what a waiter has just written there; that one has
 * then called, and we hear it. */
static inline bool rt_mutex_unlock_fast(struct async_mutex *mutex)
{
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_relaxed);
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    if (home != RT_MUTEX_SHARED && home != rt_thread_home)
        return false;
    if (seen == (RT_MUTEX_LOCKED | RT_MUTEX_BUSY))
        return rt_mutex_swap(mutex, seen, RT_MUTEX_BUSY);
    if (seen != RT_MUTEX_LOCKED || !rt_fence_is_remote)
        return false;
    atomic_store_explicit(&mutex->state, 0, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&rt_mutex_calls_for(mutex)->next,
                             memory_order_relaxed))
        rt_mutex_answer_call(mutex);
    return true;
}

ASYNC RT_MUTEX_INLINE void async_mutex_lock(struct async_mutex *mutex)
{
    uint32_t rounds =
        atomic_load_explicit(&mutex->rounds, memory_order_relaxed);

    if (rounds % RT_MUTEX_ROUNDS_PER_LOOK == 0 || !rt_watch_is_off() ||
        !rt_mutex_lock_fast(mutex, rounds))
        await rt_mutex_lock_slowly(mutex);
}

RT_MUTEX_INLINE void async_mutex_unlock(struct async_mutex *mutex)
{
    if (!rt_watch_is_off() || !rt_mutex_unlock_fast(mutex))
        rt_mutex_unlock_slowly(mutex);
}

#endif
