/*
 * Moving in, being asked, and moving out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mutex_home.h"

#include <assert.h>
#include <time.h>

#include "lock.h"
#include "runtime.h"

/* Between two looks whether a home has answered. */
#define LOOK_NS 20000

static lock_word homes_lock;
static struct mutex_home *homes;

_Thread_local uint32_t rt_thread_home;

/* Numbers are not used twice: a mutex may outlive many executors. */
void rt_home_open(struct mutex_home *home, struct runtime *runtime)
{
    static uint32_t last_number = RT_MUTEX_SHARED;

    *home = (struct mutex_home){.runtime = runtime};
    if (runtime->worker_count > 1)
        return;
    lock_acquire(&homes_lock);
    assert(last_number < UINT32_MAX);
    home->number = ++last_number;
    home->next = homes;
    homes = home;
    lock_release(&homes_lock);
}

/* With the lock held. */
static void requests_answer(struct mutex_home *home)
{
    while (home->requests) {
        struct home_request *request = home->requests;

        home->requests = request->next;
        atomic_store_explicit(&request->mutex->home, RT_MUTEX_SHARED,
                              memory_order_release);
        atomic_store_explicit(&request->is_done, true, memory_order_release);
    }
    atomic_store_explicit(&home->is_asked, false, memory_order_relaxed);
}

void rt_home_answer_requests(struct mutex_home *home)
{
    lock_acquire(&homes_lock);
    requests_answer(home);
    lock_release(&homes_lock);
}

void rt_home_close(struct mutex_home *home)
{
    struct mutex_home **link = &homes;

    if (home->number == 0)
        return;
    lock_acquire(&homes_lock);
    requests_answer(home);
    while (*link != home)
        link = &(*link)->next;
    *link = home->next;
    lock_release(&homes_lock);
}

/* False: the home is over, and nobody is there who could be in the middle of
 * anything. Its worker is woken with the lock held, as it is not over before
 * it has had that. */
static bool home_ask(uint32_t number, struct home_request *request)
{
    struct mutex_home *home;

    lock_acquire(&homes_lock);
    home = homes;
    while (home && home->number != number)
        home = home->next;
    if (home) {
        request->next = home->requests;
        home->requests = request;
        atomic_store(&home->is_asked, true);
        rt_idle_wake_one(home->runtime);
    }
    lock_release(&homes_lock);
    return home != NULL;
}

static void home_leave(struct async_mutex *mutex, uint32_t number)
{
    struct home_request request = {.mutex = mutex};
    struct worker *worker = rt_worker_current();
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = LOOK_NS};

    if (!home_ask(number, &request)) {
        atomic_compare_exchange_strong(&mutex->home, &number, 0);
        return;
    }
    while (!atomic_load_explicit(&request.is_done, memory_order_acquire)) {
        if (worker)
            home_answer(&worker->runtime->home);
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}

void rt_home_find(struct async_mutex *mutex)
{
    uint32_t mine = rt_thread_home;
    uint32_t home = atomic_load_explicit(&mutex->home, memory_order_acquire);

    while (home != RT_MUTEX_SHARED && (home == 0 || home != mine)) {
        if (home == 0)
            atomic_compare_exchange_strong(&mutex->home, &home,
                                           mine ? mine : RT_MUTEX_SHARED);
        else
            home_leave(mutex, home);
        home = atomic_load_explicit(&mutex->home, memory_order_acquire);
    }
}
