/*
 * The home of an async_mutex: the one executor whose tasks use it, if that has
 * one worker. There it needs no locked instructions, as nobody else is there.
 *
 * The first task that locks a mutex makes its executor the home, or makes the
 * mutex everybody's if that executor has several workers. When somebody else
 * comes, the mutex is made everybody's under the home's feet, whatever its
 * worker does: it may be blocked for ever, by the one who comes even. For that
 * the worker says in the mutex when it is in a *section*, a few instructions
 * that look at `home` and then change the state, and who comes
 *
 *     writes RT_MUTEX_MOVING into `home`
 *     makes all threads fence (base.h), so that either the section sees that,
 *     or we see the section
 *     waits for the section's end
 *     writes RT_MUTEX_SHARED
 *
 * To free a mutex that has no waiters needs no section: that plain store is
 * made in the same way by everybody, see mutex_call.h. A section never waits
 * for anybody, so that its end is near, if only the kernel lets it run. Where
 * threads cannot be made to fence there are no homes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_MUTEX_HOME_H
#define RT_MUTEX_HOME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async_mutex.h"

/* An executor with one worker, or RT_MUTEX_HOMELESS. The list is guarded by a
 * lock of its own. */
struct mutex_home {
    uint32_t number;
    struct mutex_home *next;
};

/* Before the executor's first task, and after its last. */
void rt_home_open(struct mutex_home *home, int worker_count);
void rt_home_close(struct mutex_home *home);

/* True: the mutex is at home here, and a section has begun; to be left soon,
 * without waiting for anybody. False: it is everybody's, and there is nothing
 * to leave. */
bool rt_home_enter(struct async_mutex *mutex);

static inline void rt_home_leave(struct async_mutex *mutex, bool is_at_home)
{
    if (is_at_home)
        atomic_store_explicit(
            &mutex->rounds,
            atomic_load_explicit(&mutex->rounds, memory_order_relaxed) -
                RT_MUTEX_SECTION,
            memory_order_release);
}

#endif
