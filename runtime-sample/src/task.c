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
#include "cancel.h"
#include "local.h"
#include "overflow.h"
#include "runtime.h"
#include "sanitizer.h"
#include "task_switch.h"
#include "wait.h"
#include "watch.h"
#include "worker_queue.h"

/* A worker keeps so many finished tasks to make new ones of: batches of them
 * are common, and 200 kB are not much for a worker. */
#define SPARE_TASKS_MAX 1024

static struct rt_task *spare_take(struct worker *worker)
{
    struct rt_task *task = worker ? worker->spare_tasks : NULL;

    if (!task)
        return malloc(sizeof *task);
    worker->spare_tasks = task->next;
    worker->spare_task_count--;
    return task;
}

/* Sanitizers are to see who uses a task that is gone. */
void rt_task_free(struct rt_task *task)
{
    struct worker *worker = rt_worker_current();

    if (!worker || worker->spare_task_count == SPARE_TASKS_MAX ||
        SANITIZER_IS_ON) {
        free(task);
        return;
    }
    task->next = worker->spare_tasks;
    worker->spare_tasks = task;
    worker->spare_task_count++;
}

void rt_task_spares_free(struct worker *worker)
{
    while (worker->spare_tasks) {
        struct rt_task *task = worker->spare_tasks;

        worker->spare_tasks = task->next;
        free(task);
    }
    worker->spare_task_count = 0;
}

/* Field by field: for the whole the compiler takes an instruction that clears
 * memory, which by itself is a quarter of the time that a task takes to be
 * made, run and joined. The fiber is set when the task gets a stack, and so is
 * the rest of that. */
static void task_init(struct rt_task *task)
{
    rt_handle_init(&task->handle, false);
    task->stack.bottom = NULL;
    task->next = NULL;
    atomic_init(&task->wait_state, WAIT_NOT);
    task->shields = 0;
    task->selects = 0;
    task->is_first = false;
    task->locals = NULL;
    task->watch = NULL;
}

struct rt_task *rt_task_make(struct runtime *runtime, rt_task_fn *entry,
                             void *arg)
{
    struct rt_task *task = spare_take(rt_worker_current());

    if (!task)
        return NULL;
    task_init(task);
    task->runtime = runtime;
    task->entry = entry;
    task->arg = arg;
    return task;
}

void rt_task_start(struct rt_task *task)
{
    rt_runtime_live_add(task->runtime);
    rt_task_ready(task);
}

struct rt_join_handle *rt_spawn(rt_task_fn *entry, void *arg)
{
    struct runtime *runtime = rt_runtime_current();
    struct rt_task *task;

    if (!runtime) {
        errno = EPERM;
        return NULL;
    }
    task = rt_task_make(runtime, entry, arg);
    if (!task)
        return NULL;
    rt_task_start(task);
    return &task->handle;
}

/* Nobody knows any more where the task is, or has its stack. */
static void task_finish(struct rt_task *task, void *result)
{
    struct runtime *runtime = task->runtime;

    if (task->is_first && !runtime->is_drained)
        rt_cancel_all(runtime);
    rt_handle_finish(&task->handle, result);
    rt_runtime_live_remove(runtime);
}

/* The task is off its stack for ever. */
static bool task_end_commit(struct rt_task *task, void *result)
{
    struct runtime *runtime = task->runtime;

    rt_fiber_finish(&task->fiber);
    rt_stack_disown(&runtime->stacks, &task->stack, &runtime->is_cancelling);
    rt_stack_release(&runtime->stacks, &task->stack);
    task_finish(task, result);
    return true;
}

static void task_main(void *arg, void *passed);

void rt_task_stack_give(struct rt_task *task)
{
    if (!rt_stack_acquire(&task->runtime->stacks, &task->stack))
        rt_die("no memory for the stack of a task");
    rt_stack_own(&task->stack, task);
    rt_fiber_init(&task->fiber, &task->stack, task_main, task);
}

static bool first_again_commit(struct rt_task *task, void *unused)
{
    (void)unused;
    worker_queue_add_first(rt_worker_current(), task);
    return true;
}

void rt_task_settle_left(struct worker *worker, struct rt_task *me)
{
    struct rt_task *left;

    while ((left = worker->left)) {
        worker->left = NULL;
        if (worker->commit(left, worker->commit_arg))
            return;
        worker->left = me;
        worker->commit = first_again_commit;
        worker = fiber_switch(&me->fiber, fiber_enter(worker, left), worker);
    }
}

/* The next task begins where this one ends, on its stack: neither a switch nor
 * another stack is needed. */
static void task_replace(struct rt_task *task, struct rt_task *next,
                         void *result)
{
    struct runtime *runtime = task->runtime;

    next->stack = task->stack;
    next->fiber = task->fiber;
    rt_stack_disown(&runtime->stacks, &task->stack, &runtime->is_cancelling);
    rt_stack_own(&next->stack, next);
    rt_switch_reset();
    task_finish(task, result);
}

static void task_main(void *arg, void *passed)
{
    struct rt_task *task = arg;
    struct worker *worker = passed;
    struct rt_task *next;
    void *result;

    rt_fiber_begin();
    task_settle(worker, task);
    for (;;) {
        result = task->entry(task->arg);
        if (task->locals)
            rt_locals_finish(task);
        stack_check(task);
        if (task->watch)
            rt_watch_ends(task);
        worker = rt_worker_current();
        next = worker_next(worker);
        if (!next || next->stack.bottom || SANITIZER_IS_ON)
            break;
        task_replace(task, next, result);
        task_enter(worker, next);
        task = next;
    }
    worker->left = task;
    worker->commit = task_end_commit;
    worker->commit_arg = result;
    rt_fiber_leave(&task->fiber, fiber_enter(worker, next), worker);
}

void rt_task_run(struct rt_task *task, struct worker *worker)
{
    struct rt_task *left = NULL;

    do {
        fiber_switch(&worker->fiber, fiber_enter(worker, task), worker);
        left = worker->left;
        worker->left = NULL;
        task = left;
    } while (left && !worker->commit(left, worker->commit_arg));
}

ASYNC void rt_task_suspend(rt_commit_fn *commit, void *arg)
{
    await task_suspend(commit, arg);
}

/*
 * From a worker of the same runtime the task stays on that worker. Anybody
 * else wakes a sleeper before the shared queue is unlocked: rt_block_on takes
 * that lock before it frees the runtime, which may otherwise be over as soon
 * as the task can be seen.
 */
void rt_task_ready_elsewhere(struct rt_task *task)
{
    struct runtime *runtime = task->runtime;

    lock_acquire(&runtime->shared.lock);
    task_list_add(&runtime->shared.tasks, task);
    atomic_store(&runtime->shared.has_tasks, true);
    rt_home_quiet_end(&runtime->home);
    rt_idle_wake_one(runtime);
    lock_release(&runtime->shared.lock);
}

void rt_task_ready(struct rt_task *task)
{
    task_ready(task);
}

void rt_task_ready_first(struct rt_task *task)
{
    struct worker *worker = rt_worker_current();

    if (worker && worker->runtime == task->runtime && !worker->first)
        worker_queue_add_first(worker, task);
    else
        rt_task_ready(task);
}

static bool yield_commit(struct rt_task *task, void *unused)
{
    (void)unused;
    worker_queue_add(rt_worker_current(), task);
    return true;
}

/* The short way, from and to a worker without colleagues. False: the long way
 * is needed. */
ASYNC static inline bool yield_alone(struct worker *worker,
                                     struct rt_task *task)
{
    struct rt_task *next = worker_next(worker);

    if (!next)
        return false;
    stack_check(task);
    worker_disturb(worker);
    run_queue_add(&worker->queue, task);
    worker = fiber_switch(&task->fiber, fiber_enter(worker, next), worker);
    task_settle(worker, task);
    return true;
}

/* Whoever yields to nobody goes on: a new turn begins where it is. */
ASYNC static inline void yield(struct worker *worker, struct rt_task *task)
{
    if (!task || task->watch)
        await rt_task_suspend(yield_commit, NULL);
    else if (worker_has_no_other(worker))
        task_enter(worker, task);
    else if (!worker_is_alone(worker) || !await yield_alone(worker, task))
        await rt_task_suspend(yield_commit, NULL);
}

ASYNC void rt_task_yield(void)
{
    struct worker *worker = rt_worker_current();

    await yield(worker, worker ? worker->running : NULL);
}

ASYNC int rt_yield(void)
{
    struct worker *worker = rt_worker_current();
    struct rt_task *task = worker ? worker->running : NULL;

    if (task && rt_task_is_cancelled(task))
        return await rt_cancel_point();
    await yield(worker, task);
    return 0;
}

ASYNC void rt_task_breathe_after(int turns)
{
    if (!rt_turns_take(turns))
        await rt_task_yield();
}

ASYNC void rt_task_breathe(void)
{
    await rt_task_breathe_after(1);
}

bool rt_in_task(void)
{
    struct worker *worker = rt_worker_current();

    return worker && worker->running;
}
