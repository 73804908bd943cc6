/*
 * Task-local values: what thread-locals are to threads, for tasks, which change
 * threads at every await.
 *
 *     static struct rt_local request_id = RT_LOCAL_INIT(free);
 *
 *     rt_local_set(&request_id, strdup(id));
 *     ...
 *     log_line("%s: done", (char *)rt_local_get(&request_id));
 *
 * A key is a static variable of the program, used by all tasks; each task has
 * its own value for it, NULL at first. Children do not inherit. When a task
 * ends, `finish` of the key is called with its value if that is not NULL, on
 * the task's own stack, where it may still await. In jobs of rt_spawn_blocking
 * and on plain threads there are no values: get returns NULL, set -EPERM.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_LOCAL_H
#define RT_LOCAL_H

#include "rt/arc.h"

struct rt_local {
    rt_finish_fn *finish; /* may be NULL */
};

/* clang-format off */
#define RT_LOCAL_INIT(finish) {finish}
/* clang-format on */

/* This task's value. Never suspends. */
void *rt_local_get(const struct rt_local *local);

/* The task owns the value from now on; an older one is finished first. Returns
 * 0, -EPERM outside of tasks, or -ENOMEM: the value is still the caller's
 * then. Suspends only if `finish` does. */
int rt_local_set(const struct rt_local *local, void *value);

#endif
