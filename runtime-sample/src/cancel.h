/*
 * Cancellation, seen from inside: who was asked to stop, and is told so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_CANCEL_INTERNAL_H
#define RT_CANCEL_INTERNAL_H

#include <stdbool.h>

#include "rt/cancel.h"
#include "runtime.h"

/* Is the task to be told? For the task itself, and for the worker that has it
 * in its hands. */
static inline bool rt_task_is_cancelled(const struct rt_task *task)
{
    bool is_asked = SELDOM(atomic_load_explicit(&task->handle.is_cancelled,
                                                memory_order_relaxed)) ||
                    SELDOM(atomic_load_explicit(&task->runtime->is_cancelling,
                                                memory_order_relaxed));

    return SELDOM(is_asked) && task->shields == 0;
}

/* It is told now: who joins it will learn that. */
void rt_cancel_tell(struct rt_task *task);

/* Where an await begins that a cancellation may end: 0, or -ECANCELED after
 * others had a turn. A task that does not listen spins, but not alone. */
ASYNC int rt_cancel_point(void);

/* The same where the task is known, or NULL outside tasks. */
ASYNC static inline int cancel_point(const struct rt_task *task)
{
    if (OFTEN(task) && SELDOM(rt_task_is_cancelled(task)))
        return await rt_cancel_point();
    return 0;
}

/* Asks all tasks of the runtime to end, those of the future too. */
void rt_cancel_all(struct runtime *runtime);

#endif
