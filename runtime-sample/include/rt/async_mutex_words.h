/*
 * What the words of an async_mutex mean, for the ways that are inlined and for
 * the others. All names here are the runtime's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_MUTEX_WORDS_H
#define RT_ASYNC_MUTEX_WORDS_H

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

#endif
