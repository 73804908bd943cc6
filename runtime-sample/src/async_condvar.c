/*
 * async_condvar: a list of waits, and a mutex that is freed once the task is
 * in the list.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/async_condvar.h"

#include <assert.h>
#include <errno.h>

#include "cancel.h"
#include "wait.h"

struct condvar_wait {
    struct rt_wait wait;
    struct async_condvar *condvar;
    struct async_mutex *mutex;
};

void async_condvar_init(struct async_condvar *condvar)
{
    *condvar = (struct async_condvar)ASYNC_CONDVAR_INIT;
}

void async_condvar_destroy(struct async_condvar *condvar)
{
    assert(!condvar->waiters.first);
    (void)condvar;
}

/* The task cannot be gone when its mutex is freed: it needs the mutex to go
 * on. Its stack may be in use again, so the pointer is read before. */
static bool wait_commit(struct rt_task *task, void *arg)
{
    struct condvar_wait *waiter = arg;
    struct async_condvar *condvar = waiter->condvar;
    struct async_mutex *mutex = waiter->mutex;
    bool has_to_wait;

    lock_acquire(&condvar->lock);
    has_to_wait = rt_wait_add(&condvar->waiters, &waiter->wait, task);
    lock_release(&condvar->lock);
    async_mutex_unlock(mutex);
    return has_to_wait;
}

/* A cancelled task whose loop goes on must let those come to the mutex who
 * would end it. */
ASYNC static int cancelled_breathe(struct async_mutex *mutex)
{
    int status;

    async_mutex_unlock(mutex);
    status = await rt_cancel_point();
    await async_mutex_lock(mutex);
    return status;
}

ASYNC static int wait_for(struct async_condvar *condvar,
                          struct async_mutex *mutex, uint64_t timeout_ms)
{
    struct condvar_wait waiter = {.condvar = condvar, .mutex = mutex};
    int status;

    if (rt_is_cancelled())
        return await cancelled_breathe(mutex);
    rt_wait_init(&waiter.wait, timeout_ms);
    await rt_task_suspend(wait_commit, &waiter);
    status = rt_wait_end(&waiter.wait, &condvar->lock, &condvar->waiters);
    await async_mutex_lock(mutex);
    return status;
}

ASYNC int async_condvar_wait(struct async_condvar *condvar,
                             struct async_mutex *mutex)
{
    return await wait_for(condvar, mutex, WAIT_FOREVER);
}

ASYNC int async_condvar_wait_timeout_ms(struct async_condvar *condvar,
                                        struct async_mutex *mutex,
                                        uint64_t timeout_ms)
{
    return await wait_for(condvar, mutex, timeout_ms);
}

void async_condvar_notify_one(struct async_condvar *condvar)
{
    struct task_list woken = {0};

    lock_acquire(&condvar->lock);
    rt_wait_claim_first(&condvar->waiters, &woken);
    lock_release(&condvar->lock);
    rt_task_list_ready(&woken);
}

void async_condvar_notify_all(struct async_condvar *condvar)
{
    struct task_list woken = {0};

    lock_acquire(&condvar->lock);
    while (rt_wait_claim_first(&condvar->waiters, &woken))
        continue;
    lock_release(&condvar->lock);
    rt_task_list_ready(&woken);
}
