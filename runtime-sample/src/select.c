/*
 * Awaiting futures: one, one of several, all.
 *
 * First each is tried. If none can be had, the task goes off its stack, and all
 * of them begin to wait while it is WAIT_PREPARING: who ends the suspension
 * then does not make the task ready, the commit function sees it and returns.
 * With join_all the suspension ends with the last of the waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>

#include "cancel.h"
#include "future.h"
#include "runtime.h"

struct select {
    struct rt_future *futures;
    int count;
    struct rt_wait_all all; /* how many are still to be done, in a join_all */
};

static bool select_commit(struct rt_task *task, void *arg)
{
    struct select *select = arg;

    atomic_store_explicit(&task->wait_state, WAIT_PREPARING,
                          memory_order_relaxed);
    for (int i = 0; i < select->count; i++) {
        struct rt_future *future = &select->futures[i];

        if (future->status != -EINPROGRESS)
            continue;
        if (atomic_load_explicit(&task->wait_state, memory_order_relaxed) >
            WAIT_PREPARING_TOLD)
            break;
        future->is_begun = true;
        future->ops->begin(future, task);
    }
    return rt_wait_begin(task, false);
}

/* Takes back all waits, and gives a status to who has ended. */
static void futures_end(struct select *select)
{
    for (int i = 0; i < select->count; i++) {
        struct rt_future *future = &select->futures[i];
        int status;

        if (!future->is_begun)
            continue;
        future->is_begun = false;
        status = future->ops->end(future);
        if (status != -EAGAIN)
            future->status = status;
    }
}

/* -ECANCELED when that is how the suspension ended. */
ASYNC static int select_wait(struct select *select)
{
    struct rt_task *task = rt_worker_current()->running;
    int state;

    await rt_task_suspend(select_commit, select);
    state = atomic_load_explicit(&task->wait_state, memory_order_acquire);
    atomic_store_explicit(&task->wait_state, WAIT_NOT, memory_order_relaxed);
    futures_end(select);
    if (state != WAIT_CANCELLED)
        return 0;
    rt_cancel_tell(task);
    return -ECANCELED;
}

static bool future_try(struct rt_future *future)
{
    int status = future->ops->try(future);

    if (status == -EAGAIN)
        return false;
    future->status = status;
    return true;
}

static void futures_reset(struct rt_future *futures, int count,
                          struct rt_wait_all *all)
{
    for (int i = 0; i < count; i++) {
        futures[i].status = -EINPROGRESS;
        futures[i].is_begun = false;
        futures[i].all = all;
    }
}

static int index_of_done(const struct rt_future *futures, int count)
{
    for (int i = 0; i < count; i++)
        if (futures[i].status != -EINPROGRESS)
            return i;
    return -ECANCELED;
}

/* Where to begin to try changes from time to time. */
static unsigned select_turn(void)
{
    return rt_worker_current()->running->selects++;
}

ASYNC int rt_select(struct rt_future *futures, int count)
{
    struct select select = {.futures = futures, .count = count};
    unsigned turn;
    int status;

    if (count <= 0)
        return -EINVAL;
    futures_reset(futures, count, NULL);
    status = await rt_cancel_point();
    if (status != 0)
        return status;
    turn = select_turn();
    for (int i = 0; i < count; i++) {
        int index = (int)((turn + (unsigned)i) % (unsigned)count);

        if (future_try(&futures[index])) {
            await rt_task_breathe();
            return index;
        }
    }
    status = await select_wait(&select);
    return status != 0 ? status : index_of_done(futures, count);
}

ASYNC int rt_await(struct rt_future *future)
{
    int index = await rt_select(future, 1);

    return index < 0 ? index : future->status;
}

ASYNC int rt_await_timeout_ms(struct rt_future *future, uint64_t timeout_ms)
{
    struct rt_future arms[] = {*future, rt_sleep_future(timeout_ms)};
    int index;

    if (timeout_ms == 0) {
        future->status = future->ops->try(future);
        return future->status == -EAGAIN ? -ETIMEDOUT : future->status;
    }
    index = await rt_select(arms, 2);
    future->status = arms[0].status;
    if (index == 1)
        return -ETIMEDOUT;
    return index < 0 ? index : future->status;
}

/* The first that is not 0; who was not done has been cancelled. */
static int statuses_sum_up(struct rt_future *futures, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++) {
        if (futures[i].status == -EINPROGRESS)
            futures[i].status = -ECANCELED;
        if (sum == 0)
            sum = futures[i].status;
    }
    return sum;
}

ASYNC int rt_join_all(struct rt_future *futures, int count)
{
    struct select select = {.futures = futures, .count = count};
    int pending = 0;

    futures_reset(futures, count, &select.all);
    if (await rt_cancel_point() == 0) {
        for (int i = 0; i < count; i++)
            pending += !future_try(&futures[i]);
        atomic_init(&select.all.remaining, pending);
        if (pending > 0)
            (void)await select_wait(&select);
        else
            await rt_task_breathe();
    }
    return statuses_sum_up(futures, count);
}
