/*
 * What locks and channels keep of the tasks that wait for them. The fields are
 * the runtime's; the struct is here so that locks can be the caller's memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WAIT_LIST_H
#define RT_WAIT_LIST_H

struct rt_wait;

/* First come, first served. `last` means something while `first` is set. */
struct rt_wait_list {
    struct rt_wait *first;
    struct rt_wait *last;
};

#endif
