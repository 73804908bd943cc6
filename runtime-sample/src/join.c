/*
 * Join handles: one runs, one may wait, the last one frees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "join.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "cancel.h"
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

bool rt_handle_is_finished(struct rt_join_handle *handle)
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

int rt_handle_consume(struct rt_join_handle *handle, void **result)
{
    int status = handle->was_told ? -ECANCELED : 0;

    assert(rt_handle_is_finished(handle));
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
    has_to_wait = !rt_handle_is_finished(handle) &&
                  rt_wait_add(&handle->waiters, &waiter->wait, task);
    lock_release(&handle->lock);
    return has_to_wait;
}

ASYNC static int finish_await(struct rt_join_handle *handle,
                              uint64_t timeout_ms, bool is_shielded)
{
    struct join_wait waiter = {.handle = handle};

    if (rt_handle_is_finished(handle))
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
    return status == 0 ? rt_handle_consume(handle, result) : status;
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
