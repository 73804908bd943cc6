/*
 * What a worker runs next: inlined, as each switch of tasks asks. All of this
 * is for the worker's own thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WORKER_QUEUE_H
#define RT_WORKER_QUEUE_H

#include "runtime.h"

/* So many tasks in a row may run before all that are queued: tasks that keep
 * one another busy through a lock are not to starve the others. */
#define FIRSTS_MAX 64

/* By itself: somebody is ready, see mutex_home.h. */
static inline void worker_disturb(struct worker *worker)
{
    atomic_store_explicit(worker->quiet, RT_MUTEX_HOMELESS,
                          memory_order_relaxed);
}

/*
 * The task is run after all that are queued. It stays on the worker. If it is
 * alone in the queue it is what this worker runs next, soon; to wake another
 * one would cost more than that, and tasks that talk to one another would be
 * torn apart.
 */
static inline void worker_queue_add(struct worker *worker, struct rt_task *task)
{
    worker_disturb(worker);
    if (run_queue_add(&worker->queue, task) > 1 &&
        SELDOM(!worker_is_alone(worker)))
        rt_idle_wake_one(worker->runtime);
}

/* Before all that are queued, where thieves do not see it. */
static inline void worker_queue_add_first(struct worker *worker,
                                          struct rt_task *task)
{
    worker_disturb(worker);
    if (worker->first)
        worker_queue_add(worker, worker->first);
    worker->first = task;
}

/* rt_task_ready. */
static inline void task_ready(struct rt_task *task)
{
    struct worker *worker = rt_worker_current();

    if (OFTEN(worker && worker->runtime == task->runtime))
        worker_queue_add(worker, task);
    else
        rt_task_ready_elsewhere(task);
}

static inline struct rt_task *worker_queue_take(struct worker *worker)
{
    struct rt_task *task = NULL;

    if (OFTEN(!worker->first) || worker->firsts_left == 0) {
        worker->firsts_left = FIRSTS_MAX;
        task = run_queue_take(&worker->queue);
    }
    if (SELDOM(!task) && worker->first) {
        worker->firsts_left--;
        task = worker->first;
        worker->first = NULL;
    }
    return task;
}

/* The task to switch to, or NULL: ask the scheduler. */
static inline struct rt_task *worker_next(struct worker *worker)
{
    if (SELDOM(worker->switches_left == 0))
        return NULL;
    worker->switches_left--;
    return worker_queue_take(worker);
}

/* Is the running task the only one that is ready here, as far as is known
 * without asking the scheduler? Counts as a switch. */
static inline bool worker_has_no_other(struct worker *worker)
{
    if (worker->switches_left == 0 || worker->first || worker->begins ||
        !run_queue_is_empty(&worker->queue) ||
        atomic_load_explicit(&worker->runtime->shared.has_tasks,
                             memory_order_relaxed))
        return false;
    worker->switches_left--;
    return true;
}

#endif
