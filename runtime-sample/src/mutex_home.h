/*
 * The home of an async_mutex: the one executor whose tasks use it, if that has
 * one worker. There it needs no locked instructions, as nobody else is there.
 *
 * The first task that locks a mutex makes its executor the home, or makes the
 * mutex everybody's if that executor has several workers. When another
 * executor's task comes, the home's worker is asked to give it up, which it
 * does between two tasks, never in the middle of a lock. That happens once in
 * a mutex's life, so the one who asks simply waits, and meanwhile answers what
 * it is asked itself. Homes that are over need not be asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_MUTEX_HOME_H
#define RT_MUTEX_HOME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async_mutex.h"

struct runtime;

/* On the stack of who asks, which waits for `is_done`. */
struct home_request {
    struct home_request *next;
    struct async_mutex *mutex;
    _Atomic bool is_done;
};

/* An executor with one worker; number 0: one with several, which is no home.
 * All but the number is guarded by a lock that all homes share. */
struct mutex_home {
    uint32_t number;
    struct mutex_home *next;
    struct runtime *runtime;
    struct home_request *requests;
    _Atomic bool is_asked;
};

/* Before the executor's first task, and after its last. */
void rt_home_open(struct mutex_home *home, struct runtime *runtime);
void rt_home_close(struct mutex_home *home);

/* By the home's worker, between two tasks. */
void rt_home_answer_requests(struct mutex_home *home);

static inline void home_answer(struct mutex_home *home)
{
    if (atomic_load_explicit(&home->is_asked, memory_order_relaxed))
        rt_home_answer_requests(home);
}

/* On return the mutex is at home here, or everybody's. */
void rt_home_find(struct async_mutex *mutex);

#endif
