/*
 * The checks that a watched program makes itself: which task holds which lock,
 * and whether it may do what it is about to do.
 *
 * All of it is off unless an executor has a watchdog; a lock then pays one
 * load of a flag. What is on costs about a microsecond for each lock, for the
 * stack at that place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WATCH_INTERNAL_H
#define RT_WATCH_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/watch.h"

struct rt_task;
struct watchdog;

enum watch_kind { WATCH_BLOCKING, WATCH_ASYNC, WATCH_ASYNC_SHARED };

/* Executors that have a watchdog. */
extern _Atomic int rt_watch_count;

static inline bool watch_is_on(void)
{
    return __builtin_expect(
        atomic_load_explicit(&rt_watch_count, memory_order_relaxed) > 0, 0);
}

/* The running task is going to wait for the lock, for ever or for some time;
 * has it, or has given up (`status` is not 0); some task or thread has given it
 * back. Locks of threads that run no task are not followed. */
void rt_watch_wants(const void *lock, enum watch_kind kind, bool is_forever);
void rt_watch_taken(const void *lock, enum watch_kind kind, int status);
void rt_watch_given(const void *lock);

static inline void watch_wants(const void *lock, enum watch_kind kind,
                               bool is_forever)
{
    if (watch_is_on())
        rt_watch_wants(lock, kind, is_forever);
}

static inline void watch_taken(const void *lock, enum watch_kind kind,
                               int status)
{
    if (watch_is_on())
        rt_watch_taken(lock, kind, status);
}

static inline void watch_given(const void *lock)
{
    if (watch_is_on())
        rt_watch_given(lock);
}

/* The running task is going to suspend, goes on, or has returned. */
void rt_watch_suspends(struct rt_task *task);
void rt_watch_resumes(struct rt_task *task);
void rt_watch_ends(struct rt_task *task);

/* For the watchdog: locks that its suspended tasks have held for too long. */
void rt_watch_look(struct watchdog *watchdog);

#endif
