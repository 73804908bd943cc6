/*
 * The task, its join handle, and the one way to suspend.
 *
 * A task suspends by naming a *commit* function, which the worker calls when
 * the task is off its stack and its context is saved. Only there is the task
 * put where others can find and wake it, so nobody can resume a task that has
 * not stopped yet: there is no race to lose, and a wait needs no state of its
 * own. Each suspension is ended by exactly one rt_task_ready.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TASK_INTERNAL_H
#define RT_TASK_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fiber.h"
#include "rt/task.h"

struct rt_task;
struct runtime;

/* Shared by the one who runs (task or job) and the one who may join; the last
 * of the two frees it. `joiner` is NULL, then maybe the task that waits, then
 * HANDLE_FINISHED; `result` is written before that. */
struct rt_join_handle {
    _Atomic(void *) joiner;
    _Atomic int owners;
    void *result;
};

void rt_handle_init(struct rt_join_handle *handle);

/* The runner's half: hands over the result, wakes the joiner, lets go. */
void rt_handle_finish(struct rt_join_handle *handle, void *result);

/* The handle is the first member: a handle is freed as what it is part of. A
 * task is in at most one list at a time, by `next`. */
struct rt_task {
    struct rt_join_handle handle;
    struct fiber fiber;
    struct stack stack; /* without memory until the task first runs */
    struct runtime *runtime;
    struct rt_task *next;
    rt_task_fn *entry;
    void *arg;
};

/* False: do not suspend after all, go on at once. */
typedef bool rt_commit_fn(struct rt_task *task, void *arg);

/* Suspends the running task; see above. In a task only, else dies. `arg` may
 * be on the task's stack. */
ASYNC void rt_task_suspend(rt_commit_fn *commit, void *arg);

/* Ends a suspension. Any thread; the task may have ended on return. */
void rt_task_ready(struct rt_task *task);

/* Runs a task until it suspends or ends; called by workers. */
struct worker;
void rt_task_run(struct rt_task *task, struct worker *worker);

/* Called where an await succeeded without waiting: yields now and then, so
 * that a task with a fast peer cannot keep a worker for itself. */
ASYNC void rt_task_breathe(void);

/* A number for the holder of a lock: what runs here, a task or a thread. Even,
 * not 0; HOLDER_IS_TASK tells which. */
#define HOLDER_IS_TASK 2U
uint32_t rt_holder_current(void);
uint32_t rt_holder_of_task(const struct rt_task *task);

#endif
