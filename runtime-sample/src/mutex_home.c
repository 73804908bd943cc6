/*
 * Moving in and moving out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mutex_home.h"

#include <assert.h>
#include <sched.h>

#include "base.h"
#include "lock.h"

static lock_word homes_lock;
static struct mutex_home *homes;

_Thread_local uint32_t rt_thread_home = RT_MUTEX_HOMELESS;

/* Numbers are not used twice: a mutex may outlive many executors. */
void rt_home_open(struct mutex_home *home, int worker_count)
{
    static uint32_t last_number = RT_MUTEX_MOVING;

    *home = (struct mutex_home){.number = RT_MUTEX_HOMELESS};
    if (worker_count > 1 || !rt_fence_is_remote)
        return;
    lock_acquire(&homes_lock);
    assert(last_number + 1 < RT_MUTEX_HOMELESS);
    home->number = ++last_number;
    home->next = homes;
    homes = home;
    lock_release(&homes_lock);
}

void rt_home_close(struct mutex_home *home)
{
    struct mutex_home **link = &homes;

    if (home->number == RT_MUTEX_HOMELESS)
        return;
    lock_acquire(&homes_lock);
    while (*link != home)
        link = &(*link)->next;
    *link = home->next;
    lock_release(&homes_lock);
}

static bool home_is_open(uint32_t number)
{
    const struct mutex_home *home;

    lock_acquire(&homes_lock);
    home = homes;
    while (home && home->number != number)
        home = home->next;
    lock_release(&homes_lock);
    return home != NULL;
}

/* A home that is over leaves the mutex to the next one. Acquired, as what the
 * section has written is then ours to change. */
static void home_take_from(struct async_mutex *mutex, uint32_t number)
{
    bool is_open = home_is_open(number);

    if (!atomic_compare_exchange_strong(&mutex->home, &number,
                                        is_open ? RT_MUTEX_MOVING
                                                : RT_MUTEX_NOWHERE) ||
        !is_open)
        return;
    rt_fence_heavy();
    while (atomic_load_explicit(&mutex->rounds, memory_order_acquire) &
           RT_MUTEX_SECTION)
        sched_yield();
    atomic_store_explicit(&mutex->home, RT_MUTEX_SHARED, memory_order_release);
}

/* Not here, or not any more. */
static void home_look(struct async_mutex *mutex, uint32_t home)
{
    uint32_t mine = rt_thread_home;

    if (home == RT_MUTEX_NOWHERE)
        atomic_compare_exchange_strong(
            &mutex->home, &home,
            mine == RT_MUTEX_HOMELESS ? RT_MUTEX_SHARED : mine);
    else if (home == RT_MUTEX_MOVING)
        sched_yield();
    else
        home_take_from(mutex, home);
}

bool rt_home_enter(struct async_mutex *mutex)
{
    for (;;) {
        uint32_t home =
            atomic_load_explicit(&mutex->home, memory_order_acquire);

        if (home == RT_MUTEX_SHARED)
            return false;
        if (home != rt_thread_home)
            home_look(mutex, home);
        else if (rt_mutex_section_begin(
                     mutex, home,
                     atomic_load_explicit(&mutex->rounds,
                                          memory_order_relaxed)))
            return true;
    }
}
