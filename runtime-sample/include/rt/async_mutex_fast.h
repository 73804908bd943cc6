/*
 * The ways through async_mutex_lock and async_mutex_unlock when nothing is in
 * the way, to be inlined, and what is called otherwise. All names here are the
 * runtime's own; async_mutex.c says why this is enough.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_MUTEX_FAST_H
#define RT_ASYNC_MUTEX_FAST_H

#include "rt/async_mutex_words.h"

/* Both are the same on all threads of an executor, so that it does not matter
 * if the compiler takes another thread's for this one's. The first is the
 * second while nobody else needs the worker, else RT_MUTEX_HOMELESS. */
extern _Thread_local _Atomic uint32_t rt_thread_quiet;
extern _Thread_local uint32_t rt_thread_home;
extern _Atomic int rt_watch_count;
extern bool rt_fence_is_remote;

ASYNC void rt_mutex_lock_slowly(struct async_mutex *mutex);
ASYNC void rt_mutex_lock_moved(struct async_mutex *mutex);
void rt_mutex_unlock_slowly(struct async_mutex *mutex);
void rt_mutex_unlock_disturbed(struct async_mutex *mutex, uint32_t home);
void rt_mutex_answer_call(struct async_mutex *mutex);

/* Without optimisation, too: the watchdog is to name the place of the call. And
 * all of it: a call is as long as the rest. */
#define RT_MUTEX_INLINE static inline __attribute__((always_inline))

/* All that is inlined is as long as a short loop: which way is straight makes a
 * tenth of a nanosecond, or five. */
#define RT_MUTEX_OFTEN(condition) __builtin_expect(!!(condition), 1)

static inline bool rt_watch_is_off(void)
{
    return atomic_load_explicit(&rt_watch_count, memory_order_relaxed) == 0;
}

RT_MUTEX_INLINE bool rt_mutex_swap(struct async_mutex *mutex, uint32_t from,
                                   uint32_t to)
{
    return atomic_compare_exchange_strong_explicit(
        &mutex->state, &from, to, memory_order_acq_rel, memory_order_relaxed);
}

static inline uint32_t rt_mutex_quiet(void)
{
    return atomic_load_explicit(&rt_thread_quiet, memory_order_relaxed);
}

/* Or somebody waits for it. */
RT_MUTEX_INLINE bool rt_mutex_is_taken_at_home(const struct async_mutex *mutex)
{
    return (atomic_load_explicit(&mutex->held, memory_order_relaxed) |
            atomic_load_explicit(&mutex->state, memory_order_relaxed)) != 0;
}

/* At home, with what `rounds` is: begins a section; false if the home is over
 * by now. mutex_home.h says who looks. */
RT_MUTEX_INLINE bool rt_mutex_section_begin(struct async_mutex *mutex,
                                            uint32_t home, uint32_t rounds)
{
    atomic_store_explicit(&mutex->rounds, rounds + RT_MUTEX_SECTION,
                          memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    if (RT_MUTEX_OFTEN(
            atomic_load_explicit(&mutex->home, memory_order_relaxed) == home))
        return true;
    atomic_store_explicit(&mutex->rounds, rounds, memory_order_release);
    return false;
}

/* The end of the section is the count of the round. */
RT_MUTEX_INLINE bool rt_mutex_lock_at_home(struct async_mutex *mutex,
                                           uint32_t home, uint32_t rounds)
{
    bool is_free;

    if (!rt_mutex_section_begin(mutex, home, rounds))
        return false;
    is_free = !rt_mutex_is_taken_at_home(mutex);
    if (RT_MUTEX_OFTEN(is_free))
        atomic_store_explicit(&mutex->state, RT_MUTEX_LOCKED,
                              memory_order_relaxed);
    atomic_store_explicit(&mutex->rounds, rounds + RT_MUTEX_ROUND,
                          memory_order_release);
    return is_free;
}

/* By the owner. Somebody who learns just now that he is not at home any more
 * may have left the mark. */
RT_MUTEX_INLINE void rt_mutex_round_count(struct async_mutex *mutex,
                                          uint32_t rounds)
{
    atomic_store_explicit(&mutex->rounds,
                          (rounds | RT_MUTEX_SECTION) - RT_MUTEX_SECTION +
                              RT_MUTEX_ROUND,
                          memory_order_relaxed);
}

/* Everybody's. */
RT_MUTEX_INLINE bool rt_mutex_lock_shared(struct async_mutex *mutex,
                                          uint32_t rounds)
{
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    if (!RT_MUTEX_OFTEN((seen == 0 || seen == RT_MUTEX_BUSY) &&
                        rt_mutex_swap(mutex, seen, seen | RT_MUTEX_LOCKED)))
        return false;
    rt_mutex_round_count(mutex, rounds);
    return true;
}

/* The plain store may undo what a waiter has just written there; that one has
 * then called, and we hear it. */
RT_MUTEX_INLINE bool rt_mutex_unlock_fast(struct async_mutex *mutex)
{
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_relaxed);
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    if (!RT_MUTEX_OFTEN(home == RT_MUTEX_SHARED || home == rt_thread_home))
        return false;
    if (!RT_MUTEX_OFTEN(seen == RT_MUTEX_LOCKED && rt_fence_is_remote))
        return seen == (RT_MUTEX_LOCKED | RT_MUTEX_BUSY) &&
               rt_mutex_swap(mutex, seen, RT_MUTEX_BUSY);
    atomic_store_explicit(&mutex->state, 0, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&rt_mutex_calls_for(mutex)->next,
                             memory_order_relaxed))
        rt_mutex_answer_call(mutex);
    return true;
}

RT_MUTEX_INLINE bool rt_mutex_lock_counted(struct async_mutex *mutex,
                                           uint32_t home)
{
    uint32_t rounds =
        atomic_load_explicit(&mutex->rounds, memory_order_relaxed);

    if (!RT_MUTEX_OFTEN(rounds % RT_MUTEX_ROUNDS_PER_LOOK != 0 &&
                        rt_watch_is_off()))
        return false;
    if (home == RT_MUTEX_SHARED)
        return rt_mutex_lock_shared(mutex, rounds);
    return RT_MUTEX_OFTEN(home == rt_thread_home) &&
           rt_mutex_lock_at_home(mutex, home, rounds);
}

/* The quiet way stores first and then looks whether it is still at home, as who
 * moves the mutex out does it the other way round; see mutex_home.h. */
ASYNC RT_MUTEX_INLINE void async_mutex_lock(struct async_mutex *mutex)
{
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_acquire);

    if (RT_MUTEX_OFTEN(home == rt_mutex_quiet() &&
                       !rt_mutex_is_taken_at_home(mutex))) {
        atomic_store_explicit(&mutex->held, home, memory_order_relaxed);
        atomic_signal_fence(memory_order_seq_cst);
        if (!RT_MUTEX_OFTEN(atomic_load_explicit(&mutex->home,
                                                 memory_order_relaxed) == home))
            await rt_mutex_lock_moved(mutex);
    } else if (!rt_mutex_lock_counted(mutex, home)) {
        await rt_mutex_lock_slowly(mutex);
    }
}

RT_MUTEX_INLINE void async_mutex_unlock(struct async_mutex *mutex)
{
    uint32_t held = atomic_load_explicit(&mutex->held, memory_order_relaxed);

    if (!RT_MUTEX_OFTEN(held != 0)) {
        if (!rt_watch_is_off() || !rt_mutex_unlock_fast(mutex))
            rt_mutex_unlock_slowly(mutex);
    } else if (RT_MUTEX_OFTEN(held == rt_mutex_quiet())) {
        atomic_store_explicit(&mutex->held, 0, memory_order_release);
        atomic_signal_fence(memory_order_seq_cst);
        if (!RT_MUTEX_OFTEN(rt_mutex_quiet() == held))
            rt_mutex_unlock_disturbed(mutex, held);
    } else {
        rt_mutex_unlock_slowly(mutex);
    }
}

#endif
