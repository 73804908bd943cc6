/*
 * Starting, suspending, resuming and ending tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "task.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base.h"
#include "runtime.h"

/* How many awaits in a row may succeed without waiting before the task lets
 * others run: enough to hide the switch, few enough to be fair. */
#define TURNS_MAX 64

struct rt_join_handle *rt_spawn(rt_task_fn *entry, void *arg)
{
    struct runtime *runtime = rt_runtime_current();
    struct rt_task *task;

    if (!runtime) {
        errno = EPERM;
        return NULL;
    }
    task = calloc(1, sizeof *task);
    if (!task)
        return NULL;
    rt_handle_init(&task->handle);
    task->runtime = runtime;
    task->entry = entry;
    task->arg = arg;
    task->turns_left = TURNS_MAX;
    rt_runtime_live_add(runtime);
    rt_task_ready(task);
    return &task->handle;
}

/* The task is off its stack for ever. Nobody may touch the runtime after the
 * last live task is gone, so that comes last. */
static bool task_end_commit(struct rt_task *task, void *result)
{
    struct runtime *runtime = task->runtime;

    rt_fiber_finish(&task->fiber);
    rt_stack_release(&runtime->stacks, &task->stack);
    rt_handle_finish(&task->handle, result);
    rt_runtime_live_remove(runtime);
    return true;
}

static void task_main(void *arg)
{
    struct rt_task *task = arg;
    struct worker *worker;
    void *result;

    rt_fiber_begin();
    result = task->entry(task->arg);
    worker = rt_worker_current();
    worker->commit = task_end_commit;
    worker->commit_arg = result;
    rt_fiber_leave(&task->fiber, &worker->fiber);
}

/* Only now, not when spawned: tasks that wait in a queue need no stack. */
static void task_begin(struct rt_task *task)
{
    if (!rt_stack_acquire(&task->runtime->stacks, &task->stack))
        rt_die("no memory for the stack of a task");
    rt_fiber_init(&task->fiber, &task->stack, task_main, task);
}

void rt_task_run(struct rt_task *task, struct worker *worker)
{
    bool is_gone;

    if (!task->stack.bottom)
        task_begin(task);
    task->turns_left = TURNS_MAX;
    atomic_fetch_add_explicit(&worker->turns, 1, memory_order_relaxed);
    do {
        worker->running = task;
        atomic_store_explicit(&worker->running_holder, rt_holder_of_task(task),
                              memory_order_relaxed);
        rt_fiber_switch(&worker->fiber, &task->fiber);
        worker->running = NULL;
        atomic_store_explicit(&worker->running_holder, 0, memory_order_relaxed);
        is_gone = worker->commit(task, worker->commit_arg);
    } while (!is_gone);
}

ASYNC void rt_task_suspend(rt_commit_fn *commit, void *arg)
{
    struct worker *worker = rt_worker_current();

    if (!worker || !worker->running)
        rt_die("a call that may suspend was made outside a task");
    worker->commit = commit;
    worker->commit_arg = arg;
    rt_fiber_switch(&worker->running->fiber, &worker->fiber);
}

/* Returns how many tasks there are now. */
static int run_queue_add(struct run_queue *queue, struct rt_task *task)
{
    int count;

    lock_acquire(&queue->lock);
    task_list_add(&queue->tasks, task);
    count = queue->tasks.count;
    lock_release(&queue->lock);
    return count;
}

/*
 * From a worker of the same runtime the task stays on that worker. Anybody
 * else wakes a sleeper before the shared queue is unlocked: rt_block_on takes
 * that lock before it frees the runtime, which may otherwise be over as soon
 * as the task can be seen.
 */
void rt_task_ready(struct rt_task *task)
{
    struct worker *worker = rt_worker_current();
    struct runtime *runtime = task->runtime;

    if (worker && worker->runtime == runtime) {
        run_queue_add(&worker->queue, task);
        rt_idle_wake_one(runtime);
        return;
    }
    lock_acquire(&runtime->shared.lock);
    task_list_add(&runtime->shared.tasks, task);
    rt_idle_wake_one(runtime);
    lock_release(&runtime->shared.lock);
}

/* Alone in the queue, the task is what this worker runs next: to wake another
 * one would only start a race for it. */
static bool yield_commit(struct rt_task *task, void *unused)
{
    struct runtime *runtime = task->runtime; /* the task may end below */

    (void)unused;
    if (run_queue_add(&rt_worker_current()->queue, task) > 1)
        rt_idle_wake_one(runtime);
    return true;
}

ASYNC void rt_yield(void)
{
    await rt_task_suspend(yield_commit, NULL);
}

ASYNC void rt_task_breathe(void)
{
    struct worker *worker = rt_worker_current();

    if (!worker || !worker->running)
        rt_die("a call that may suspend was made outside a task");
    if (--worker->running->turns_left <= 0)
        await rt_yield();
}

bool rt_in_task(void)
{
    struct worker *worker = rt_worker_current();

    return worker && worker->running;
}
