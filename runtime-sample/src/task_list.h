/*
 * A first-in, first-out list of tasks, linked through the tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TASK_LIST_H
#define RT_TASK_LIST_H

#include <assert.h>
#include <stddef.h>

#include "task.h"

/* `last` means something only while `first` is not NULL. */
struct task_list {
    struct rt_task *first;
    struct rt_task *last;
    int count;
};

static inline void task_list_add(struct task_list *list, struct rt_task *task)
{
    assert(!task->next);
    if (list->first)
        list->last->next = task;
    else
        list->first = task;
    list->last = task;
    list->count++;
}

static inline struct rt_task *task_list_take(struct task_list *list)
{
    struct rt_task *task = list->first;

    if (!task)
        return NULL;
    list->first = task->next;
    task->next = NULL;
    list->count--;
    return task;
}

/* Moves the first `count` tasks of `from` to the end of `to`. */
static inline void task_list_move(struct task_list *to, struct task_list *from,
                                  int count)
{
    for (; count > 0 && from->first; count--)
        task_list_add(to, task_list_take(from));
}

#endif
