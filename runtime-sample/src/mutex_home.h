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
 * Rounds are counted, as a task that goes on locking and unlocking has to let
 * others run. The count goes from each round to the next through memory, which
 * takes longer than all the rest. So nobody counts while a home is *quiet*:
 * nothing but the running task needs its worker, nor will unless another thread
 * says so or that task does something about it. Whoever becomes ready ends the
 * quiet (and nobody runs who has not become ready before), and the slow way
 * that everybody takes now and then lets it begin.
 *
 * In the quiet a mutex is taken without a section by a store to `held`, and
 * freed by another one:
 *
 *     writes its number into `held`         writes 0 into `held`
 *     looks whether it is still at home     looks whether it is still quiet
 *
 * Who moves the mutex out ends the quiet with it, and looks at `held` after the
 * fence. If that is set he writes the same into the state, in the name of the
 * owner, and puts the mutex into the home's list. Who has taken it, or is just
 * doing so or freeing it, so learns from the list that the state is his. He
 * cannot learn that from the mutex: when it is free its memory may be gone. As
 * long as a home has such mutexes it does not become quiet again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_MUTEX_HOME_H
#define RT_MUTEX_HOME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rt/async_mutex.h"

/* An executor with one worker, or RT_MUTEX_HOMELESS. The lists are guarded by
 * a lock of their own. */
struct mutex_home {
    uint32_t number;
    struct mutex_home *next;
    _Atomic uint32_t *quiet;   /* rt_thread_quiet of its worker */
    struct async_mutex *moved; /* while they were held, see above */
};

/* Before the executor's first task, and after its last; on the thread that is
 * to be its worker, if it has one only. */
void rt_home_open(struct mutex_home *home, int worker_count);
void rt_home_close(struct mutex_home *home);

/* True: the mutex is at home here, and a section has begun; to be left soon,
 * without waiting for anybody. False: it is everybody's, and there is nothing
 * to leave. Afterwards all is said by the state, but to an owner who has yet to
 * settle. */
bool rt_home_enter(struct async_mutex *mutex);

/* By an owner, once the mutex is everybody's: who may have taken it at a home
 * that it has left since. */
void rt_home_settle_held(struct async_mutex *mutex);

/* By the home's worker, when nobody needs it; to look for that again
 * afterwards, if it is true. */
bool rt_home_quiet_begin(struct mutex_home *home);

/* After making somebody ready. Any thread. */
static inline void rt_home_quiet_end(struct mutex_home *home)
{
    if (home->quiet)
        atomic_store(home->quiet, RT_MUTEX_HOMELESS);
}

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
