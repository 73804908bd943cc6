/*
 * Tasks: start them, wait for them, let them go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TASK_H
#define RT_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "rt/async.h"

/* What a task runs. The result reaches whoever joins it. */
typedef void *rt_task_fn(void *arg);

/* The right to learn the end of one task or one blocking job. Whoever has it
 * gives it up exactly once, to rt_join or to rt_detach. */
struct rt_join_handle;

/*
 * Starts entry(arg) as a task of its own, now or soon, on any worker. Does
 * not suspend and does not run the task before it returns. `arg` must live
 * until the task has finished with it.
 *
 * Returns a handle that the caller owns, or NULL with errno ENOMEM, or EPERM
 * when the thread belongs to no executor. May be called by tasks and by
 * functions of rt_spawn_blocking.
 */
struct rt_join_handle *rt_spawn(rt_task_fn *entry, void *arg);

/*
 * Runs fn(arg) on a thread of the blocking pool, where it may block as it
 * likes. The pool grows to rt_config.blocking_threads threads, jobs above that
 * wait their turn in order; threads that have had nothing to do for
 * rt_config.blocking_idle_ms end. fn is no task: it must not call ASYNC
 * functions.
 *
 * Ownership and errors as for rt_spawn; EAGAIN when the first thread of the
 * pool cannot be started.
 */
struct rt_join_handle *rt_spawn_blocking(rt_task_fn *fn, void *arg);

/*
 * Suspends until the task or job has finished, and consumes the handle.
 * `result` receives what it returned and may be NULL. Everything the finished
 * task wrote is visible afterwards.
 *
 * Returns 0, or -ECANCELED when the *other* one was told that it is cancelled
 * (`result` is what it returned even so), or -EINVAL for a NULL handle (a
 * failed rt_spawn may thus be joined like any other), or -EDEADLK for the
 * caller's own handle, which is then not consumed. A caller that is cancelled
 * itself cancels the other one and still waits for its end, see cancel.h.
 */
ASYNC int rt_join(struct rt_join_handle *handle, void **result);

/* The same for a limited time; after -ETIMEDOUT the handle is still the
 * caller's. */
ASYNC int rt_join_timeout_ms(struct rt_join_handle *handle, void **result,
                             uint64_t timeout_ms);

/* Gives the handle up: the task runs on, its result is dropped. Accepts NULL.
 * Any thread. rt_block_on still waits for the task, see executor.h. */
void rt_detach(struct rt_join_handle *handle);

/* Suspends, and goes on after every other task that is ready on this worker
 * has had its turn. Returns 0, or -ECANCELED when the task was cancelled. */
ASYNC int rt_yield(void);

/* Is this code inside a task? Any thread; false in jobs of the pool. */
bool rt_in_task(void);

#endif
