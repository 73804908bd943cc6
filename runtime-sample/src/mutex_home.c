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
_Thread_local _Atomic uint32_t rt_thread_quiet = RT_MUTEX_HOMELESS;

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
    home->quiet = &rt_thread_quiet;
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

/* With the lock held, as all that follow. NULL if it is over. */
static struct mutex_home *home_find(uint32_t number)
{
    struct mutex_home *home = homes;

    while (home && home->number != number)
        home = home->next;
    return home;
}

static bool moved_remove(struct mutex_home *home, struct async_mutex *mutex)
{
    struct async_mutex **link = &home->moved;

    while (*link && *link != mutex)
        link = &(*link)->next_moved;
    if (!*link)
        return false;
    *link = mutex->next_moved;
    return true;
}

/* From here on `held` says nothing. Acquired, as what was written there is then
 * others' to change; and passed on, if only by the state. */
static bool held_into_state(struct async_mutex *mutex)
{
    bool is_held =
        atomic_load_explicit(&mutex->held, memory_order_acquire) != 0;

    atomic_fetch_or(&mutex->state, is_held ? RT_MUTEX_LOCKED : 0);
    return is_held;
}

static void home_leave_for_good(struct mutex_home *home,
                                struct async_mutex *mutex)
{
    rt_home_quiet_end(home);
    rt_fence_heavy();
    while (atomic_load_explicit(&mutex->rounds, memory_order_acquire) &
           RT_MUTEX_SECTION)
        sched_yield();
    if (!held_into_state(mutex))
        return;
    mutex->next_moved = home->moved;
    home->moved = mutex;
}

/* A home that is over leaves the mutex to the next one. */
static void home_take_from(struct async_mutex *mutex, uint32_t number)
{
    struct mutex_home *home;

    lock_acquire(&homes_lock);
    home = home_find(number);
    if (atomic_compare_exchange_strong(&mutex->home, &number,
                                       RT_MUTEX_MOVING)) {
        if (home) {
            home_leave_for_good(home, mutex);
        } else {
            held_into_state(mutex);
            atomic_store_explicit(&mutex->held, 0, memory_order_relaxed);
        }
        atomic_store_explicit(&mutex->home,
                              home ? RT_MUTEX_SHARED : RT_MUTEX_NOWHERE,
                              memory_order_release);
    }
    lock_release(&homes_lock);
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

/* In a section. */
static void held_fold(struct async_mutex *mutex)
{
    if (atomic_load_explicit(&mutex->held, memory_order_relaxed) == 0)
        return;
    assert(atomic_load(&mutex->state) == 0);
    atomic_store_explicit(&mutex->state, RT_MUTEX_LOCKED, memory_order_relaxed);
    atomic_store_explicit(&mutex->held, 0, memory_order_relaxed);
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
                                          memory_order_relaxed))) {
            held_fold(mutex);
            return true;
        }
    }
}

/* By who took the mutex at this home, in the quiet, or is not sure to have: was
 * it moved while it was held? If so the state is his from now on. Else the
 * mutex is not touched. */
static bool home_settle(struct async_mutex *mutex, uint32_t number)
{
    struct mutex_home *home;
    bool was_moved;

    lock_acquire(&homes_lock);
    home = home_find(number);
    was_moved = home && moved_remove(home, mutex);
    lock_release(&homes_lock);
    return was_moved;
}

/* Marked as held, but the mutex was about to move out: whether who moved it has
 * seen that, the home knows. */
ASYNC void rt_mutex_lock_moved(struct async_mutex *mutex)
{
    bool is_taken = home_settle(mutex, rt_thread_home);

    atomic_store_explicit(&mutex->held, 0, memory_order_relaxed);
    if (!is_taken)
        await rt_mutex_lock_slowly(mutex);
}

/* Freed in the quiet, but that has ended meanwhile. The mutex may be gone,
 * unless it was moved while it was held. */
void rt_mutex_unlock_disturbed(struct async_mutex *mutex, uint32_t home)
{
    if (home_settle(mutex, home))
        rt_mutex_unlock_slowly(mutex);
}

void rt_home_settle_held(struct async_mutex *mutex)
{
    uint32_t held = atomic_load_explicit(&mutex->held, memory_order_relaxed);

    if (held == 0)
        return;
    (void)home_settle(mutex, held);
    atomic_store_explicit(&mutex->held, 0, memory_order_relaxed);
}

bool rt_home_quiet_begin(struct mutex_home *home)
{
    bool has_moved;

    if (home->number == RT_MUTEX_HOMELESS)
        return false;
    lock_acquire(&homes_lock);
    has_moved = home->moved != NULL;
    if (!has_moved)
        atomic_store(home->quiet, home->number);
    lock_release(&homes_lock);
    return !has_moved;
}
