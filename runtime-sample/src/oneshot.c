/*
 * oneshot: a value that is there or not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/oneshot.h"

#include <errno.h>

#include "cancel.h"
#include "future.h"
#include "wait.h"

struct oneshot_wait {
    struct rt_wait wait;
    struct oneshot *oneshot;
};

void oneshot_init(struct oneshot *oneshot)
{
    *oneshot = (struct oneshot)ONESHOT_INIT;
}

static bool receive_commit(struct rt_task *task, void *arg)
{
    struct oneshot_wait *waiter = arg;
    struct oneshot *oneshot = waiter->oneshot;
    bool has_to_wait;

    lock_acquire(&oneshot->lock);
    has_to_wait = !oneshot->is_sent && !oneshot->is_closed;
    if (has_to_wait)
        has_to_wait = rt_wait_add(&oneshot->receivers, &waiter->wait, task);
    lock_release(&oneshot->lock);
    return has_to_wait;
}

/* -EAGAIN: nothing has happened yet. */
static int look(struct oneshot *oneshot, void **value)
{
    int status = 0;

    lock_acquire(&oneshot->lock);
    if (oneshot->is_sent)
        *value = oneshot->value;
    else
        status = oneshot->is_closed ? -EPIPE : -EAGAIN;
    lock_release(&oneshot->lock);
    return status;
}

ASYNC int oneshot_receive_timeout_ms(struct oneshot *oneshot, void **value,
                                     uint64_t timeout_ms)
{
    struct oneshot_wait waiter = {.oneshot = oneshot};
    int status = look(oneshot, value);

    if (status != -EAGAIN)
        return status;
    status = await rt_cancel_point();
    if (status != 0 || timeout_ms == 0)
        return status != 0 ? status : -ETIMEDOUT;
    rt_wait_init(&waiter.wait, timeout_ms);
    await rt_task_suspend(receive_commit, &waiter);
    status = rt_wait_end(&waiter.wait, &oneshot->lock, &oneshot->receivers);
    return status ? status : look(oneshot, value);
}

ASYNC int oneshot_receive(struct oneshot *oneshot, void **value)
{
    return await oneshot_receive_timeout_ms(oneshot, value, WAIT_FOREVER);
}

/* With the lock held. */
static void receivers_wake(struct oneshot *oneshot, struct task_list *woken)
{
    while (rt_wait_claim_first(&oneshot->receivers, woken))
        continue;
}

int oneshot_send(struct oneshot *oneshot, void *value)
{
    struct task_list woken = {0};
    int status = 0;

    lock_acquire(&oneshot->lock);
    if (oneshot->is_sent) {
        status = -EALREADY;
    } else if (oneshot->is_closed) {
        status = -EPIPE;
    } else {
        oneshot->is_sent = true;
        oneshot->value = value;
        receivers_wake(oneshot, &woken);
    }
    lock_release(&oneshot->lock);
    rt_task_list_ready(&woken);
    return status;
}

void oneshot_close(struct oneshot *oneshot)
{
    struct task_list woken = {0};

    lock_acquire(&oneshot->lock);
    oneshot->is_closed = true;
    receivers_wake(oneshot, &woken);
    lock_release(&oneshot->lock);
    rt_task_list_ready(&woken);
}

static int future_try(struct rt_future *future)
{
    return look(future->object, future->value);
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct oneshot_wait *waiter = FUTURE_ROOM(struct oneshot_wait, future);
    struct oneshot *oneshot = future->object;

    *waiter = (struct oneshot_wait){.oneshot = oneshot};
    rt_future_wait_init(future, &waiter->wait);
    lock_acquire(&oneshot->lock);
    if (oneshot->is_sent || oneshot->is_closed)
        (void)rt_wait_claim_own(&waiter->wait, task);
    else
        rt_wait_list_add(&oneshot->receivers, &waiter->wait, task);
    lock_release(&oneshot->lock);
}

static int future_end(struct rt_future *future)
{
    struct oneshot_wait *waiter = FUTURE_ROOM(struct oneshot_wait, future);
    struct oneshot *oneshot = future->object;

    return rt_future_wait_end(&waiter->wait, &oneshot->lock,
                              &oneshot->receivers)
               ? look(oneshot, future->value)
               : -EAGAIN;
}

struct rt_future oneshot_receive_future(struct oneshot *oneshot, void **value)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return rt_future_make(&ops, oneshot, value, 0);
}
