/*
 * The end of a task's local values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_LOCAL_INTERNAL_H
#define RT_LOCAL_INTERNAL_H

struct rt_task;

/* On the task's own stack, as its last act. */
void rt_locals_finish(struct rt_task *task);

#endif
