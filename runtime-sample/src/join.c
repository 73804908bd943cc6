/*
 * Join handles: one runs, one may wait, the last one frees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "cancel.h"
#include "future.h"
#include "runtime.h"
#include "task.h"

struct join_wait {
    struct rt_wait wait;
    struct rt_join_handle *handle;
};

void rt_handle_init(struct rt_join_handle *handle, bool is_job)
{
    *handle = (struct rt_join_handle){.is_job = is_job};
    atomic_init(&handle->owners, 2);
}

/* The last owner needs no locked instruction to find that out. */
static void handle_release(struct rt_join_handle *handle)
{
    if (atomic_load_explicit(&handle->owners, memory_order_acquire) != 1 &&
        atomic_fetch_sub_explicit(&handle->owners, 1, memory_order_acq_rel) !=
            1)
        return;
    if (handle->is_job)
        free(handle);
    else
        rt_task_free((struct rt_task *)handle);
}

static bool handle_is_finished(struct rt_join_handle *handle)
{
    return atomic_load_explicit(&handle->is_finished, memory_order_acquire);
}

void rt_handle_finish(struct rt_join_handle *handle, void *result)
{
    struct task_list woken = {0};

    handle->result = result;
    lock_acquire(&handle->lock);
    atomic_store_explicit(&handle->is_finished, true, memory_order_release);
    while (rt_wait_claim_first(&handle->waiters, &woken))
        continue;
    lock_release(&handle->lock);
    rt_task_list_ready(&woken);
    handle_release(handle);
}

static int handle_consume(struct rt_join_handle *handle, void **result)
{
    int status = handle->was_told ? -ECANCELED : 0;

    assert(handle_is_finished(handle));
    if (result)
        *result = handle->result;
    handle_release(handle);
    return status;
}

/* Does not suspend when the other side has finished by now. */
static bool join_commit(struct rt_task *task, void *arg)
{
    struct join_wait *waiter = arg;
    struct rt_join_handle *handle = waiter->handle;
    bool has_to_wait;

    lock_acquire(&handle->lock);
    has_to_wait = !handle_is_finished(handle) &&
                  rt_wait_add(&handle->waiters, &waiter->wait, task);
    lock_release(&handle->lock);
    return has_to_wait;
}

ASYNC static int finish_await(struct rt_join_handle *handle,
                              uint64_t timeout_ms, bool is_shielded)
{
    struct join_wait waiter = {.handle = handle};

    if (handle_is_finished(handle))
        return 0;
    if (timeout_ms == 0)
        return -ETIMEDOUT;
    rt_wait_init(&waiter.wait, timeout_ms);
    waiter.wait.is_shielded = is_shielded;
    await rt_task_suspend(join_commit, &waiter);
    return rt_wait_end(&waiter.wait, &handle->lock, &handle->waiters);
}

ASYNC int rt_join_timeout_ms(struct rt_join_handle *handle, void **result,
                             uint64_t timeout_ms)
{
    struct worker *worker = rt_worker_current();
    int status;

    if (!handle)
        return -EINVAL;
    if (worker && worker->running && &worker->running->handle == handle)
        return -EDEADLK;
    status = await finish_await(handle, timeout_ms, false);
    if (status == -ECANCELED) {
        rt_cancel(handle);
        status = await finish_await(handle, WAIT_FOREVER, true);
    }
    return status == 0 ? handle_consume(handle, result) : status;
}

ASYNC int rt_join(struct rt_join_handle *handle, void **result)
{
    return await rt_join_timeout_ms(handle, result, WAIT_FOREVER);
}

void rt_detach(struct rt_join_handle *handle)
{
    if (handle)
        handle_release(handle);
}

static int future_try(struct rt_future *future)
{
    if (!handle_is_finished(future->object))
        return -EAGAIN;
    return handle_consume(future->object, future->value);
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct join_wait *waiter = FUTURE_ROOM(struct join_wait, future);
    struct rt_join_handle *handle = future->object;

    *waiter = (struct join_wait){.handle = handle};
    rt_future_wait_init(future, &waiter->wait);
    lock_acquire(&handle->lock);
    if (handle_is_finished(handle))
        (void)rt_wait_claim_own(&waiter->wait, task);
    else
        rt_wait_list_add(&handle->waiters, &waiter->wait, task);
    lock_release(&handle->lock);
}

static int future_end(struct rt_future *future)
{
    struct join_wait *waiter = FUTURE_ROOM(struct join_wait, future);
    struct rt_join_handle *handle = future->object;

    return rt_future_wait_end(&waiter->wait, &handle->lock, &handle->waiters)
               ? handle_consume(handle, future->value)
               : -EAGAIN;
}

struct rt_future rt_join_future(struct rt_join_handle *handle, void **result)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    assert(handle);
    return rt_future_make(&ops, handle, result, 0);
}
