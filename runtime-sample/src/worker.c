/*
 * A worker's life: find a task, run it until it suspends, again; sleep when
 * there is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <unistd.h>

#include "base.h"
#include "overflow.h"
#include "runtime.h"
#include "watch.h"
#include "worker_queue.h"

/* Every so many tasks a busy worker looks at what is not in its queue: timers,
 * sockets, the shared queue. A prime, so as not to beat with programs. */
#define SWITCHES_PER_LOOK 61

/* What this thread is to the runtime, see runtime.h. */
_Thread_local struct worker *rt_thread_worker;
static _Thread_local struct runtime *thread_runtime;

/* The empty asm keeps the compiler from finding out that these functions only
 * read memory, and from calling them once instead of twice. */
#if !defined(__x86_64__)
__attribute__((noinline)) struct worker *rt_worker_current(void)
{
    __asm__ volatile("" ::: "memory");
    return rt_thread_worker;
}
#endif

__attribute__((noinline)) struct runtime *rt_runtime_current(void)
{
    __asm__ volatile("" ::: "memory");
    return thread_runtime;
}

__attribute__((noinline)) void rt_thread_belongs_to(struct runtime *runtime,
                                                    struct worker *worker)
{
    thread_runtime = runtime;
    rt_thread_worker = worker;
    rt_thread_home = worker ? runtime->home.number : RT_MUTEX_HOMELESS;
    atomic_store(&rt_thread_quiet, RT_MUTEX_HOMELESS);
    if (worker)
        worker->quiet = &rt_thread_quiet;
}

__attribute__((noinline)) bool rt_turns_take(int turns)
{
    __asm__ volatile("" ::: "memory");
    rt_thread_worker->turns_left -= turns;
    return rt_thread_worker->turns_left > 0;
}

uint32_t rt_holder_current(void)
{
    struct worker *worker = rt_worker_current();

    if (worker && worker->running)
        return holder_of_task(worker->running);
    return holder_number(&rt_thread_worker);
}

/* Without the lock if there is nothing: it is looked at whenever a worker has
 * run out of tasks. Who goes to sleep looks again, with the lock. */
static struct rt_task *shared_take(struct shared_queue *shared)
{
    struct rt_task *task;

    if (!atomic_load_explicit(&shared->has_tasks, memory_order_relaxed))
        return NULL;
    lock_acquire(&shared->lock);
    task = task_list_take(&shared->tasks);
    atomic_store_explicit(&shared->has_tasks, shared->tasks.first != NULL,
                          memory_order_relaxed);
    lock_release(&shared->lock);
    return task;
}

/* Whether there was something. */
static bool look_at_sockets(struct runtime *runtime)
{
    struct poller_event events[POLLER_BATCH];
    int count;

    if (!atomic_load_explicit(&runtime->sources.is_used, memory_order_relaxed))
        return false;
    count = rt_poller_wait(&runtime->poller, 0, events);
    rt_sources_notify(events, count);
    return count > 0;
}

/* To ask the kernel costs as much as several switches of tasks. */
static void look_around(struct runtime *runtime)
{
    look_at_sockets(runtime);
    rt_ring_look(&runtime->ring);
    rt_timers_fire(&runtime->timers);
}

static struct rt_task *next_task(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    struct rt_task *task = worker->begins;

    worker->begins = NULL;
    if (task)
        return task;
    if (worker->switches_left == 0) {
        worker->switches_left = SWITCHES_PER_LOOK;
        look_around(runtime);
        task = shared_take(&runtime->shared);
        if (task)
            return task;
    }
    worker->switches_left--;
    task = worker_queue_take(worker);
    return task ? task : shared_take(&runtime->shared);
}

/* Nobody is ready, and nothing is to be looked at now and then: then nobody
 * will be ready, unless it is this worker's own doing or another thread's. Who
 * has used sockets or files may do so again. */
static bool is_quiet(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;

    return !worker->first && run_queue_is_empty(&worker->queue) &&
           !atomic_load(&runtime->shared.has_tasks) &&
           !atomic_load_explicit(&runtime->sources.is_used,
                                 memory_order_relaxed) &&
           !rt_ring_is_used(&runtime->ring) &&
           rt_timers_earliest_ns(&runtime->timers) == POLLER_FOREVER;
}

/* Who makes a task ready elsewhere does the two steps the other way round. */
void rt_worker_quieten(void)
{
    struct worker *worker = rt_worker_current();

    if (!worker || !worker_is_alone(worker) || watch_is_on() ||
        !is_quiet(worker))
        return;
    if (rt_home_quiet_begin(&worker->runtime->home) && !is_quiet(worker))
        rt_home_quiet_end(&worker->runtime->home);
}

static struct rt_task *steal_from(struct worker *thief, struct worker *victim)
{
    struct rt_task *loot[STEAL_MAX];
    unsigned count =
        rt_run_queue_steal(&victim->queue, loot, rt_idle_steal_most(thief));

    rt_idle_note_steal(thief, count);
    for (unsigned i = 1; i < count; i++)
        run_queue_add(&thief->queue, loot[i]);
    return count > 0 ? loot[0] : NULL;
}

static struct rt_task *steal(struct worker *thief)
{
    struct runtime *runtime = thief->runtime;

    for (int step = 1; step < runtime->worker_count; step++) {
        int index = (thief->index + step) % runtime->worker_count;
        struct rt_task *task = steal_from(thief, &runtime->workers[index]);

        if (task)
            return task;
    }
    return NULL;
}

/* Sockets before stealing: what has become ready lately is often the answer to
 * what this worker has sent, and warm here. */
static struct rt_task *find_task(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    struct rt_task *task;

    task = next_task(worker);
    if (!task && rt_ring_look(&runtime->ring))
        task = next_task(worker);
    if (!task && !worker_is_alone(worker) && look_at_sockets(runtime))
        task = next_task(worker);
    if (!task && !rt_idle_has_wasted(worker)) {
        rt_idle_search_begin(worker);
        task = steal(worker);
    }
    rt_idle_search_end(worker, task != NULL);
    return task;
}

void rt_worker_run(struct worker *worker)
{
    struct overflow_stack overflow;

    rt_overflow_watch(&overflow);
    atomic_store(&worker->tid, gettid());
    rt_thread_belongs_to(worker->runtime, worker);
    rt_fiber_init_thread(&worker->fiber);
    while (!atomic_load(&worker->runtime->is_finished)) {
        struct rt_task *task = find_task(worker);

        if (task)
            rt_task_run(task, worker);
        else
            rt_idle_sleep(worker);
    }
    rt_task_spares_free(worker);
    rt_thread_belongs_to(NULL, NULL);
    rt_overflow_unwatch(&overflow);
}
