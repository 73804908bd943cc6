/*
 * Suspending, with what is called at the end known to the compiler: the inlined
 * half of task.c, for what switches tasks most.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TASK_SWITCH_H
#define RT_TASK_SWITCH_H

#include "base.h"
#include "overflow.h"
#include "runtime.h"
#include "watch.h"
#include "worker_queue.h"

/* How many awaits in a row may succeed without waiting before the task lets
 * others run: enough to hide the switch, few enough to be fair. */
#define TURNS_MAX 64

/* Tasks get their stack when they first run, not when spawned: those that wait
 * in a queue need none. */
void rt_task_stack_give(struct rt_task *task);
void rt_task_settle_left(struct worker *worker, struct rt_task *me);

static inline void task_enter(struct worker *worker, struct rt_task *task)
{
    if (SELDOM(!task->stack.bottom))
        rt_task_stack_give(task);
    worker->turns_left = TURNS_MAX;
    atomic_store_explicit(
        &worker->turns,
        1 + atomic_load_explicit(&worker->turns, memory_order_relaxed),
        memory_order_relaxed); /* only this thread writes it */
    worker->running = task;
    atomic_store_explicit(&worker->running_holder, holder_of_task(task),
                          memory_order_relaxed);
}

/* rt_task_breathe, in a task or not. */
ASYNC static inline void task_breathe(void)
{
    struct worker *worker = rt_worker_current();

    if (OFTEN(worker) && SELDOM(--worker->turns_left <= 0))
        await rt_task_yield();
}

/* Before the task leaves its stack, if no guard would have stopped it. */
static void stack_check(const struct rt_task *task)
{
    if (SELDOM(!task->stack.is_guarded) && rt_stack_is_overrun(&task->stack))
        rt_overflow_report(task);
}

/* The fiber of the task that runs next, or of the scheduler without one. */
static inline struct fiber *fiber_enter(struct worker *worker,
                                        struct rt_task *next)
{
    if (OFTEN(next)) {
        task_enter(worker, next);
        return &next->fiber;
    }
    worker->running = NULL;
    atomic_store_explicit(&worker->running_holder, 0, memory_order_relaxed);
    return &worker->fiber;
}

/* Just switched to, and so the task that was left is off its stack: now it is
 * committed. If it does not wait after all it goes on at once, and the task
 * that was to run instead, `me`, is the next. */
static inline void task_settle(struct worker *worker, struct rt_task *me)
{
    if (SELDOM(worker->left))
        rt_task_settle_left(worker, me);
}

/*
 * Straight to the next task of the worker's queue, through the scheduler only
 * if there is none.
 *
 * A worker without colleagues commits on the task's own stack, before the
 * switch: whoever makes the task ready can only put it into a queue that no
 * other thread takes from. It then needs no switch at all if the commit fails,
 * or if the task itself is the next.
 *
 * A worker with colleagues does not ask the kernel for a stack before it has
 * committed: the commit may release a lock for which they wait. If the commit
 * fails, the task that was to begin is the next all the same.
 */
ASYNC static inline void switch_away(struct worker *worker,
                                     struct rt_task *task, rt_commit_fn *commit,
                                     void *arg)
{
    struct rt_task *next;

    if (OFTEN(worker_is_alone(worker))) {
        if (SELDOM(!commit(task, arg)))
            return;
        next = worker_next(worker);
        if (SELDOM(next == task)) {
            task_enter(worker, task);
            return;
        }
    } else {
        worker->left = task;
        worker->commit = commit;
        worker->commit_arg = arg;
        next = worker->begins ? worker->begins : worker_next(worker);
        worker->begins = NULL;
        if (next && SELDOM(!next->stack.bottom)) {
            worker->begins = next;
            next = NULL;
        }
    }
    worker = fiber_switch(&task->fiber, fiber_enter(worker, next), worker);
    task_settle(worker, task);
}

ASYNC static inline void task_suspend(rt_commit_fn *commit, void *arg)
{
    struct worker *worker = rt_worker_current();
    struct rt_task *task = worker ? worker->running : NULL;

    if (SELDOM(!task))
        rt_die("a call that may suspend was made outside a task");
    stack_check(task);
    if (SELDOM(task->watch))
        rt_watch_suspends(task);
    await switch_away(worker, task, commit, arg);
    if (SELDOM(task->watch))
        rt_watch_resumes(task);
}

#endif
