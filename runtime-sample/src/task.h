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
#include "lock.h"
#include "rt/task.h"
#include "rt/wait_list.h"

struct rt_task;
struct runtime;
struct local_value;
struct watch_task;

/* Shared by the one who runs (task or job) and the one who may join; the last
 * of the two frees it. The first group is written before `is_finished`, by the
 * runner; the waiters are under `lock`. */
struct rt_join_handle {
    void *result;
    bool was_told; /* that it is cancelled: an await said so */
    bool is_job;

    _Atomic bool is_cancelled; /* somebody has asked for it */
    _Atomic bool is_finished;
    _Atomic int owners;
    lock_word lock;
    struct rt_wait_list waiters;
};

void rt_handle_init(struct rt_join_handle *handle, bool is_job);

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
    _Atomic int wait_state;     /* see wait.h */
    int shields;                /* sections that no cancellation enters */
    unsigned selects;           /* so far, see select.c */
    bool is_first;              /* what rt_block_on was called with */
    struct local_value *locals; /* see local.c */
    struct watch_task *watch;   /* or NULL, see watch.h */
};

/* A task that has not begun, in nobody's hands; NULL without memory. Then it
 * is started, once. */
struct rt_task *rt_task_make(struct runtime *runtime, rt_task_fn *entry,
                             void *arg);
void rt_task_start(struct rt_task *task);

/* A task without owners; and what a worker has kept of such. */
struct worker;
void rt_task_free(struct rt_task *task);
void rt_task_spares_free(struct worker *worker);

/* False: do not suspend after all, go on at once. */
typedef bool rt_commit_fn(struct rt_task *task, void *arg);

/* Suspends the running task; see above. In a task only, else dies. `arg` may
 * be on the task's stack. */
ASYNC void rt_task_suspend(rt_commit_fn *commit, void *arg);

/* Ends a suspension. Any thread; the task may have ended on return. */
void rt_task_ready(struct rt_task *task);

/* From anybody but a worker of the task's runtime. */
void rt_task_ready_elsewhere(struct rt_task *task);

/* The same for a task that others wait for: if it can be, it is what runs next
 * on this worker. */
void rt_task_ready_first(struct rt_task *task);

/* Runs tasks, this one first, until one suspends or ends and the worker is to
 * look for the next. Called by workers. */
void rt_task_run(struct rt_task *task, struct worker *worker);

/* Behind all that are ready on this worker; never fails. */
ASYNC void rt_task_yield(void);

/* Called where an await succeeded without waiting: yields now and then, so
 * that a task with a fast peer cannot keep a worker for itself. */
ASYNC void rt_task_breathe(void);
ASYNC void rt_task_breathe_after(int turns);

/* A number for the holder of a lock: what runs here, a task or a thread. Even,
 * not 0; HOLDER_IS_TASK tells which. A mark for futex_lock.h. */
#define HOLDER_IS_TASK 4U
uint32_t rt_holder_current(void);

/* Addresses are numbers that nobody has to hand out. Different tasks that are
 * alive differ in these bits unless they lie 4 GiB apart, and only the
 * watchdog's wording depends on it. */
static inline uint32_t holder_number(const void *address)
{
    return ((uint32_t)(uintptr_t)address & ~15U) | 8U;
}

static inline uint32_t holder_of_task(const struct rt_task *task)
{
    return holder_number(task) | HOLDER_IS_TASK;
}

#endif
