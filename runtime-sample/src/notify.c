/*
 * notify: one bit, and those who wait for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/notify.h"

#include <assert.h>
#include <errno.h>

#include "cancel.h"
#include "future.h"
#include "wait.h"

struct notify_wait {
    struct rt_wait wait;
    struct notify *notify;
};

void notify_init(struct notify *notify)
{
    *notify = (struct notify)NOTIFY_INIT;
}

void notify_destroy(struct notify *notify)
{
    assert(!notify->waiters.first);
    (void)notify;
}

static bool wait_commit(struct rt_task *task, void *arg)
{
    struct notify_wait *waiter = arg;
    struct notify *notify = waiter->notify;
    bool has_to_wait;

    lock_acquire(&notify->lock);
    has_to_wait = !notify->is_remembered;
    notify->is_remembered = false;
    if (has_to_wait)
        has_to_wait = rt_wait_add(&notify->waiters, &waiter->wait, task);
    lock_release(&notify->lock);
    return has_to_wait;
}

static bool remembered_take(struct notify *notify)
{
    bool is_remembered;

    lock_acquire(&notify->lock);
    is_remembered = notify->is_remembered;
    notify->is_remembered = false;
    lock_release(&notify->lock);
    return is_remembered;
}

/* A loop of wait and notify must not keep the worker: it breathes. */
ASYNC static int wait_for(struct notify *notify, uint64_t timeout_ms)
{
    struct notify_wait waiter = {.notify = notify};
    int status = await rt_cancel_point();

    if (status != 0)
        return status;
    if (remembered_take(notify)) {
        await rt_task_breathe();
        return 0;
    }
    if (timeout_ms == 0)
        return -ETIMEDOUT;
    rt_wait_init(&waiter.wait, timeout_ms);
    await rt_task_suspend(wait_commit, &waiter);
    return rt_wait_end(&waiter.wait, &notify->lock, &notify->waiters);
}

ASYNC int notify_wait(struct notify *notify)
{
    return await wait_for(notify, WAIT_FOREVER);
}

ASYNC int notify_wait_timeout_ms(struct notify *notify, uint64_t timeout_ms)
{
    return await wait_for(notify, timeout_ms);
}

void notify_one(struct notify *notify)
{
    struct task_list woken = {0};

    lock_acquire(&notify->lock);
    if (!rt_wait_claim_first(&notify->waiters, &woken))
        notify->is_remembered = true;
    lock_release(&notify->lock);
    rt_task_list_ready(&woken);
}

void notify_all(struct notify *notify)
{
    struct task_list woken = {0};

    lock_acquire(&notify->lock);
    while (rt_wait_claim_first(&notify->waiters, &woken))
        continue;
    lock_release(&notify->lock);
    rt_task_list_ready(&woken);
}

static int future_try(struct rt_future *future)
{
    return remembered_take(future->object) ? 0 : -EAGAIN;
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct notify_wait *waiter = FUTURE_ROOM(struct notify_wait, future);
    struct notify *notify = future->object;

    *waiter = (struct notify_wait){.notify = notify};
    rt_future_wait_init(future, &waiter->wait);
    lock_acquire(&notify->lock);
    if (!notify->is_remembered)
        rt_wait_list_add(&notify->waiters, &waiter->wait, task);
    else if (rt_wait_claim_own(&waiter->wait, task))
        notify->is_remembered = false;
    lock_release(&notify->lock);
}

static int future_end(struct rt_future *future)
{
    struct notify_wait *waiter = FUTURE_ROOM(struct notify_wait, future);
    struct notify *notify = future->object;

    return rt_future_wait_end(&waiter->wait, &notify->lock, &notify->waiters)
               ? 0
               : -EAGAIN;
}

struct rt_future notify_wait_future(struct notify *notify)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return rt_future_make(&ops, notify, NULL, 0);
}
