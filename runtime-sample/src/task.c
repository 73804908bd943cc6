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
    rt_turns_begin(TURNS_MAX);
    atomic_store_explicit(
        &worker->turns,
        1 + atomic_load_explicit(&worker->turns, memory_order_relaxed),
        memory_order_relaxed); /* only this thread writes it */
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

/*
 * The task stays on the worker. If it is alone in the queue it is what this
 * worker runs next, soon; to wake another one would cost more than that, and
 * tasks that talk to one another would be torn apart.
 */
static void worker_queue_add(struct worker *worker, struct rt_task *task)
{
    struct runtime *runtime = worker->runtime;
    int count;

    worker_queue_lock(worker);
    task_list_add(&worker->queue.tasks, task);
    count = worker->queue.tasks.count;
    worker_queue_unlock(worker);
    if (count > 1)
        rt_idle_wake_one(runtime);
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
        worker_queue_add(worker, task);
        return;
    }
    lock_acquire(&runtime->shared.lock);
    task_list_add(&runtime->shared.tasks, task);
    rt_idle_wake_one(runtime);
    lock_release(&runtime->shared.lock);
}

static bool yield_commit(struct rt_task *task, void *unused)
{
    (void)unused;
    worker_queue_add(rt_worker_current(), task);
    return true;
}

ASYNC void rt_yield(void)
{
    await rt_task_suspend(yield_commit, NULL);
}

ASYNC void rt_task_breathe(void)
{
    if (!rt_turn_take())
        await rt_yield();
}

bool rt_in_task(void)
{
    struct worker *worker = rt_worker_current();

    return worker && worker->running;
}
