/*
 * rt_cancel: a request is a flag, and a push for who sleeps.
 *
 * A task looks for the flag before it waits and once more after it has said
 * that it waits; who cancels sets the flag, then looks whether the task waits.
 * With a fence on both sides one of the two sees the other. The flag stays:
 * cancelling is no event that could be missed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cancel.h"

#include <errno.h>

#include "base.h"
#include "wait.h"

void rt_cancel_tell(struct rt_task *task)
{
    task->handle.was_told = true;
}

static struct rt_task *task_current(void)
{
    struct worker *worker = rt_worker_current();

    return worker ? worker->running : NULL;
}

ASYNC int rt_cancel_point(void)
{
    struct rt_task *task = task_current();

    if (!task || !rt_task_is_cancelled(task))
        return 0;
    rt_cancel_tell(task);
    await rt_task_yield();
    return -ECANCELED;
}

/* The caller's share of the handle keeps the task's memory. */
int rt_cancel(struct rt_join_handle *handle)
{
    struct rt_task *task;

    if (!handle)
        return -EINVAL;
    atomic_store_explicit(&handle->is_cancelled, true, memory_order_relaxed);
    if (handle->is_job)
        return 0;
    rt_fence_heavy();
    task = (struct rt_task *)handle;
    if (rt_wait_cancel(task))
        rt_task_ready(task);
    return 0;
}

/* Tasks that have not begun will look at the flag; the others have a stack. A
 * task that ends takes itself from its stack before it looks at the flag, and
 * then waits for us: see rt_stack_disown. */
void rt_cancel_all(struct runtime *runtime)
{
    struct stack_pool *stacks = &runtime->stacks;
    struct task_list woken = {0};

    atomic_store_explicit(&runtime->is_cancelling, true, memory_order_relaxed);
    rt_fence_heavy();
    lock_acquire(&stacks->owners_lock);
    for (struct stack_owner *owner = stacks->owners; owner;
         owner = owner->next) {
        struct rt_task *task = atomic_load(&owner->task);

        if (task && rt_wait_cancel(task))
            task_list_add(&woken, task);
    }
    lock_release(&stacks->owners_lock);
    rt_task_list_ready(&woken);
}

static bool job_is_cancelled(void)
{
    struct rt_join_handle *job = rt_blocking_job_current();
    struct runtime *runtime = rt_runtime_current();

    if (!job || !(atomic_load(&job->is_cancelled) ||
                  atomic_load(&runtime->is_cancelling)))
        return false;
    job->was_told = true;
    return true;
}

bool rt_is_cancelled(void)
{
    struct rt_task *task = task_current();

    if (!task)
        return job_is_cancelled();
    if (!rt_task_is_cancelled(task))
        return false;
    rt_cancel_tell(task);
    return true;
}

struct rt_shield rt_shield_enter(void)
{
    struct rt_task *task = task_current();

    if (task)
        task->shields++;
    return (struct rt_shield){.task = task};
}

void rt_shield_exit(struct rt_shield *shield)
{
    struct rt_task *task = shield->task;

    shield->task = NULL;
    if (task)
        task->shields--;
}
