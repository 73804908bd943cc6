/*
 * Join handles: one runs, one may wait, the last one frees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "runtime.h"
#include "task.h"

/* In `joiner`: finished. No task lies at this address. */
static char handle_finished_mark;
#define HANDLE_FINISHED ((void *)&handle_finished_mark)

void rt_handle_init(struct rt_join_handle *handle)
{
    atomic_init(&handle->joiner, NULL);
    atomic_init(&handle->owners, 2);
    handle->result = NULL;
}

static void handle_release(struct rt_join_handle *handle)
{
    if (atomic_fetch_sub_explicit(&handle->owners, 1, memory_order_acq_rel) ==
        1)
        free(handle);
}

void rt_handle_finish(struct rt_join_handle *handle, void *result)
{
    struct rt_task *joiner;

    handle->result = result;
    joiner = atomic_exchange_explicit(&handle->joiner, HANDLE_FINISHED,
                                      memory_order_acq_rel);
    assert(joiner != HANDLE_FINISHED);
    if (joiner)
        rt_task_ready(joiner);
    handle_release(handle);
}

/* Fails, and so does not suspend, when the other side has finished by now. */
static bool join_commit(struct rt_task *task, void *arg)
{
    struct rt_join_handle *handle = arg;
    void *expected = NULL;

    return atomic_compare_exchange_strong_explicit(&handle->joiner, &expected,
                                                   task, memory_order_acq_rel,
                                                   memory_order_acquire);
}

ASYNC int rt_join(struct rt_join_handle *handle, void **result)
{
    struct worker *worker = rt_worker_current();

    if (!handle)
        return -EINVAL;
    if (worker && worker->running && &worker->running->handle == handle)
        return -EDEADLK;
    if (atomic_load_explicit(&handle->joiner, memory_order_acquire) !=
        HANDLE_FINISHED)
        await rt_task_suspend(join_commit, handle);
    if (result)
        *result = handle->result;
    handle_release(handle);
    return 0;
}

void rt_detach(struct rt_join_handle *handle)
{
    if (handle)
        handle_release(handle);
}
