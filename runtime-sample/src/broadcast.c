/*
 * broadcast: a ring that is written round and round; each receiver remembers
 * how far it has read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/broadcast.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cancel.h"
#include "future.h"
#include "wait.h"

struct broadcast_wait {
    struct rt_wait wait;
    struct broadcast_receiver *receiver;
};

int broadcast_init(struct broadcast *broadcast, size_t value_size,
                   size_t capacity)
{
    *broadcast = (struct broadcast){
        .value_size = value_size,
        .capacity = capacity,
    };
    if (value_size == 0 || capacity == 0)
        return -EINVAL;
    broadcast->ring = calloc(capacity, value_size);
    return broadcast->ring ? 0 : -ENOMEM;
}

void broadcast_destroy(struct broadcast *broadcast)
{
    assert(!broadcast->receivers.first);
    free(broadcast->ring);
    broadcast->ring = NULL;
}

struct broadcast_receiver broadcast_subscribe(struct broadcast *broadcast)
{
    struct broadcast_receiver receiver = {.broadcast = broadcast};

    lock_acquire(&broadcast->lock);
    receiver.next = broadcast->sent;
    lock_release(&broadcast->lock);
    return receiver;
}

static char *place_of(const struct broadcast *broadcast, uint64_t number)
{
    return broadcast->ring +
           number % broadcast->capacity * broadcast->value_size;
}

static void receivers_wake(struct broadcast *broadcast, struct task_list *woken)
{
    while (rt_wait_claim_first(&broadcast->receivers, woken))
        continue;
}

int broadcast_send(struct broadcast *broadcast, const void *value)
{
    struct task_list woken = {0};
    int status = -EPIPE;

    lock_acquire(&broadcast->lock);
    if (!broadcast->is_closed) {
        memcpy(place_of(broadcast, broadcast->sent++), value,
               broadcast->value_size);
        receivers_wake(broadcast, &woken);
        status = 0;
    }
    lock_release(&broadcast->lock);
    rt_task_list_ready(&woken);
    return status;
}

void broadcast_close(struct broadcast *broadcast)
{
    struct task_list woken = {0};

    lock_acquire(&broadcast->lock);
    broadcast->is_closed = true;
    receivers_wake(broadcast, &woken);
    lock_release(&broadcast->lock);
    rt_task_list_ready(&woken);
}

/* With the lock held. -EAGAIN: has to wait. */
static int take(struct broadcast_receiver *receiver, void *value)
{
    const struct broadcast *broadcast = receiver->broadcast;

    if (receiver->next == broadcast->sent)
        return broadcast->is_closed ? -EPIPE : -EAGAIN;
    if (broadcast->sent - receiver->next > broadcast->capacity) {
        receiver->next = broadcast->sent - broadcast->capacity;
        return -EOVERFLOW;
    }
    memcpy(value, place_of(broadcast, receiver->next++), broadcast->value_size);
    return 0;
}

static int try_receive(struct broadcast_receiver *receiver, void *value)
{
    struct broadcast *broadcast = receiver->broadcast;
    int status;

    lock_acquire(&broadcast->lock);
    status = take(receiver, value);
    lock_release(&broadcast->lock);
    return status;
}

static bool receive_commit(struct rt_task *task, void *arg)
{
    struct broadcast_wait *waiter = arg;
    struct broadcast *broadcast = waiter->receiver->broadcast;
    bool has_to_wait;

    lock_acquire(&broadcast->lock);
    has_to_wait =
        waiter->receiver->next == broadcast->sent && !broadcast->is_closed;
    if (has_to_wait)
        has_to_wait = rt_wait_add(&broadcast->receivers, &waiter->wait, task);
    lock_release(&broadcast->lock);
    return has_to_wait;
}

/* Who was woken finds a value, a loss or the end: nobody else takes it. */
ASYNC int broadcast_receive_timeout_ms(struct broadcast_receiver *receiver,
                                       void *value, uint64_t timeout_ms)
{
    struct broadcast *broadcast = receiver->broadcast;
    struct broadcast_wait waiter = {.receiver = receiver};
    int status = await rt_cancel_point();

    if (status != 0)
        return status;
    status = try_receive(receiver, value);
    if (status != -EAGAIN) {
        await rt_task_breathe();
        return status;
    }
    if (timeout_ms == 0)
        return -ETIMEDOUT;
    rt_wait_init(&waiter.wait, timeout_ms);
    await rt_task_suspend(receive_commit, &waiter);
    status = rt_wait_end(&waiter.wait, &broadcast->lock, &broadcast->receivers);
    return status ? status : try_receive(receiver, value);
}

ASYNC int broadcast_receive(struct broadcast_receiver *receiver, void *value)
{
    return await broadcast_receive_timeout_ms(receiver, value, WAIT_FOREVER);
}

static int future_try(struct rt_future *future)
{
    return try_receive(future->object, future->value);
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct broadcast_wait *waiter = FUTURE_ROOM(struct broadcast_wait, future);
    struct broadcast_receiver *receiver = future->object;
    struct broadcast *broadcast = receiver->broadcast;

    *waiter = (struct broadcast_wait){.receiver = receiver};
    rt_future_wait_init(future, &waiter->wait);
    lock_acquire(&broadcast->lock);
    if (receiver->next != broadcast->sent || broadcast->is_closed)
        (void)rt_wait_claim_own(&waiter->wait, task);
    else
        rt_wait_list_add(&broadcast->receivers, &waiter->wait, task);
    lock_release(&broadcast->lock);
}

static int future_end(struct rt_future *future)
{
    struct broadcast_wait *waiter = FUTURE_ROOM(struct broadcast_wait, future);
    struct broadcast_receiver *receiver = future->object;
    struct broadcast *broadcast = receiver->broadcast;

    return rt_future_wait_end(&waiter->wait, &broadcast->lock,
                              &broadcast->receivers)
               ? try_receive(receiver, future->value)
               : -EAGAIN;
}

struct rt_future broadcast_receive_future(struct broadcast_receiver *receiver,
                                          void *value)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return rt_future_make(&ops, receiver, value, 0);
}
