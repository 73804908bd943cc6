/*
 * Waits in lists: most have one wait, or none. Included by wait.h, which has
 * the struct.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WAIT_LINKS_H
#define RT_WAIT_LINKS_H

#include "rt/wait_list.h"

static inline void wait_list_add(struct rt_wait_list *list,
                                 struct rt_wait *wait)
{
    wait->next = NULL;
    wait->previous = NULL;
    wait->is_listed = true;
    if (SELDOM(list->first)) {
        wait->previous = list->last;
        list->last->next = wait;
    } else {
        list->first = wait;
    }
    list->last = wait;
}

static inline void wait_list_remove(struct rt_wait_list *list,
                                    struct rt_wait *wait)
{
    if (SELDOM(wait->previous))
        wait->previous->next = wait->next;
    else
        list->first = wait->next;
    if (SELDOM(wait->next))
        wait->next->previous = wait->previous;
    else
        list->last = wait->previous;
    wait->is_listed = false;
}

static inline void wait_list_add_first(struct rt_wait_list *list,
                                       struct rt_wait *wait)
{
    wait->previous = NULL;
    wait->next = list->first;
    if (list->first)
        list->first->previous = wait;
    else
        list->last = wait;
    list->first = wait;
    wait->is_listed = true;
}

#endif
