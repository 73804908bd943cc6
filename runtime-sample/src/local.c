/*
 * Task-local values: a short list in each task that has some.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/local.h"

#include <errno.h>
#include <stdlib.h>

#include "local.h"
#include "runtime.h"

struct local_value {
    struct local_value *next;
    const struct rt_local *local;
    void *value;
};

static struct rt_task *task_current(void)
{
    struct worker *worker = rt_worker_current();

    return worker ? worker->running : NULL;
}

static struct local_value *value_find(const struct rt_task *task,
                                      const struct rt_local *local)
{
    struct local_value *entry = task->locals;

    while (entry && entry->local != local)
        entry = entry->next;
    return entry;
}

void *rt_local_get(const struct rt_local *local)
{
    struct rt_task *task = task_current();
    struct local_value *entry = task ? value_find(task, local) : NULL;

    return entry ? entry->value : NULL;
}

static void value_finish(const struct rt_local *local, void *value)
{
    if (value && local->finish)
        local->finish(value);
}

int rt_local_set(const struct rt_local *local, void *value)
{
    struct rt_task *task = task_current();
    struct local_value *entry;
    void *previous;

    if (!task)
        return -EPERM;
    entry = value_find(task, local);
    if (!entry) {
        entry = malloc(sizeof *entry);
        if (!entry)
            return -ENOMEM;
        *entry = (struct local_value){.next = task->locals, .local = local};
        task->locals = entry;
    }
    previous = entry->value;
    entry->value = value;
    value_finish(local, previous);
    return 0;
}

/* A finish function may set values again; so from the first, until none is
 * left. */
void rt_locals_finish(struct rt_task *task)
{
    struct local_value *entry;

    while ((entry = task->locals)) {
        task->locals = entry->next;
        value_finish(entry->local, entry->value);
        free(entry);
    }
}
