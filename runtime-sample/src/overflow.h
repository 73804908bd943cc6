/*
 * Stack overflow: a task that runs into the guard page below its stack is
 * named, and the process ends with a status of its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_OVERFLOW_H
#define RT_OVERFLOW_H

#include <signal.h>

/* A handler needs a stack, and the task's is used up: each worker thread has a
 * spare one. `previous` is what the thread had before. */
struct overflow_stack {
    char *memory;
    stack_t previous;
};

/* For the calling thread. Without memory for it an overflow is a bare crash,
 * which is no reason not to start. */
void rt_overflow_watch(struct overflow_stack *stack);
void rt_overflow_unwatch(struct overflow_stack *stack);

/* Says that this task has used up its stack, and ends the process. */
struct rt_task;
_Noreturn void rt_overflow_report(const struct rt_task *task);

#endif
