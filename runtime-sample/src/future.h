/*
 * What a kind of future has to be able to do. Each kind is written next to the
 * object that it waits for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FUTURE_INTERNAL_H
#define RT_FUTURE_INTERNAL_H

#include <assert.h>
#include <errno.h>

#include "rt/future.h"
#include "wait.h"

/*
 * `try` does it without waiting, or returns -EAGAIN. `begin` is called in a
 * commit function, while the task is WAIT_PREPARING: with the object locked it
 * either adds a wait, or claims that itself (rt_wait_claim_own) and only then
 * takes what there is: another arm may have been claimed by now. `end` is
 * called for each future that has begun, by the task; it takes the wait back,
 * and returns -EAGAIN if this is not what the suspension ended with.
 */
struct rt_future_ops {
    int (*try)(struct rt_future *future);
    void (*begin)(struct rt_future *future, struct rt_task *task);
    int (*end)(struct rt_future *future);
};

/* A future that was not awaited yet. A kind uses what it needs. */
static inline struct rt_future rt_future_make(const struct rt_future_ops *ops,
                                              void *object, void *value,
                                              uint64_t number)
{
    return (struct rt_future){
        .status = -EINPROGRESS,
        .ops = ops,
        .object = object,
        .value = value,
        .number = number,
    };
}

/* The wait of a kind, which begins with a struct rt_wait. */
#define FUTURE_ROOM(TYPE, future) ((TYPE *)rt_future_room(future, sizeof(TYPE)))

static inline void *rt_future_room(struct rt_future *future, size_t size)
{
    assert(size <= sizeof future->room);
    (void)size;
    return future->room;
}

/* The beginning of each `begin`. */
static inline void rt_future_wait_init(struct rt_future *future,
                                       struct rt_wait *wait)
{
    rt_wait_init(wait, WAIT_FOREVER);
    wait->all = future->all;
}

/* The beginning of each `end`: true if the wait was what ended. */
static inline bool rt_future_wait_end(struct rt_wait *wait, lock_word *lock,
                                      struct rt_wait_list *list)
{
    rt_wait_withdraw(wait, lock, list);
    return wait->end != WAIT_END_NONE;
}

#endif
