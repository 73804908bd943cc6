/*
 * mpsc: a ring of values, with lists of those for whom it is full or empty.
 *
 * A value goes past the ring where somebody waits for it: a sender copies it
 * to the first waiting receiver, and a receiver who makes room moves the value
 * of the first waiting sender into it. Who is woken has therefore nothing left
 * to do, and cannot come too late.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/mpsc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cancel.h"
#include "wait.h"

/* One who waits to send `value`, or to receive into it. Who claims the wait
 * sets `status`. */
struct mpsc_wait {
    struct rt_wait wait; /* first: the lists know only this */
    struct mpsc *channel;
    void *value;
    int status;
};

/* Does one step without waiting, with the channel locked. -EAGAIN: has to
 * wait. */
typedef int step_fn(struct mpsc *channel, void *value, struct task_list *woken);

int mpsc_init(struct mpsc *channel, size_t value_size, size_t capacity)
{
    *channel = (struct mpsc){
        .value_size = value_size,
        .capacity = capacity,
    };
    if (value_size == 0 || capacity == 0)
        return -EINVAL;
    channel->ring = calloc(capacity, value_size);
    return channel->ring ? 0 : -ENOMEM;
}

void mpsc_destroy(struct mpsc *channel)
{
    assert(!channel->senders.first);
    assert(!channel->receivers.first);
    free(channel->ring);
    channel->ring = NULL;
}

static void ring_add(struct mpsc *channel, const void *value)
{
    size_t place = channel->first + channel->count;

    assert(channel->count < channel->capacity);
    if (place >= channel->capacity)
        place -= channel->capacity;
    memcpy(channel->ring + place * channel->value_size, value,
           channel->value_size);
    channel->count++;
}

static void ring_take(struct mpsc *channel, void *value)
{
    assert(channel->count > 0);
    memcpy(value, channel->ring + channel->first * channel->value_size,
           channel->value_size);
    if (++channel->first == channel->capacity)
        channel->first = 0;
    channel->count--;
}

static struct mpsc_wait *claim_first(struct rt_wait_list *list, int status,
                                     struct task_list *woken)
{
    struct mpsc_wait *waiter =
        (struct mpsc_wait *)rt_wait_claim_first(list, woken);

    if (waiter)
        waiter->status = status;
    return waiter;
}

static int send_step(struct mpsc *channel, void *value, struct task_list *woken)
{
    struct mpsc_wait *receiver;

    if (channel->is_closed)
        return -EPIPE;
    receiver = claim_first(&channel->receivers, 0, woken);
    if (receiver)
        memcpy(receiver->value, value, channel->value_size);
    else if (channel->count < channel->capacity)
        ring_add(channel, value);
    else
        return -EAGAIN;
    return 0;
}

static int receive_step(struct mpsc *channel, void *value,
                        struct task_list *woken)
{
    struct mpsc_wait *sender;

    if (channel->count == 0)
        return channel->is_closed ? -EPIPE : -EAGAIN;
    ring_take(channel, value);
    sender = claim_first(&channel->senders, 0, woken);
    if (sender)
        ring_add(channel, sender->value);
    return 0;
}

static int step_try(struct mpsc *channel, step_fn *step, void *value)
{
    struct task_list woken = {0};
    int status;

    lock_acquire(&channel->lock);
    status = step(channel, value, &woken);
    lock_release(&channel->lock);
    rt_task_list_ready(&woken);
    return status;
}

/* The step once more, now that the task can be put into a list. */
static bool step_commit(struct rt_task *task, struct mpsc_wait *waiter,
                        step_fn *step, struct rt_wait_list *list)
{
    struct mpsc *channel = waiter->channel;
    struct task_list woken = {0};
    bool has_to_wait;

    lock_acquire(&channel->lock);
    waiter->status = step(channel, waiter->value, &woken);
    has_to_wait = waiter->status == -EAGAIN;
    if (has_to_wait)
        has_to_wait = rt_wait_add(list, &waiter->wait, task);
    lock_release(&channel->lock);
    rt_task_list_ready(&woken);
    return has_to_wait;
}

static bool send_commit(struct rt_task *task, void *arg)
{
    struct mpsc_wait *waiter = arg;

    return step_commit(task, waiter, send_step, &waiter->channel->senders);
}

static bool receive_commit(struct rt_task *task, void *arg)
{
    struct mpsc_wait *waiter = arg;

    return step_commit(task, waiter, receive_step, &waiter->channel->receivers);
}

ASYNC static int wait_for(struct mpsc_wait *waiter, rt_commit_fn *commit,
                          struct rt_wait_list *list, uint64_t timeout_ms)
{
    int status;

    if (timeout_ms == 0)
        return -ETIMEDOUT;
    rt_wait_init(&waiter->wait, timeout_ms);
    await rt_task_suspend(commit, waiter);
    status = rt_wait_end(&waiter->wait, &waiter->channel->lock, list);
    return status ? status : waiter->status;
}

/* The value of a send is only read, but shares the field with receives. */
ASYNC int mpsc_send_timeout_ms(struct mpsc *channel, const void *value,
                               uint64_t timeout_ms)
{
    void *readable = (void *)(uintptr_t)value;
    struct mpsc_wait waiter = {.channel = channel, .value = readable};
    int status = await rt_cancel_point();

    if (status != 0)
        return status;
    status = step_try(channel, send_step, readable);
    if (status == -EAGAIN)
        return await wait_for(&waiter, send_commit, &channel->senders,
                              timeout_ms);
    await rt_task_breathe();
    return status;
}

ASYNC int mpsc_receive_timeout_ms(struct mpsc *channel, void *value,
                                  uint64_t timeout_ms)
{
    struct mpsc_wait waiter = {.channel = channel, .value = value};
    int status = await rt_cancel_point();

    if (status != 0)
        return status;
    status = step_try(channel, receive_step, value);
    if (status == -EAGAIN)
        return await wait_for(&waiter, receive_commit, &channel->receivers,
                              timeout_ms);
    await rt_task_breathe();
    return status;
}

ASYNC int mpsc_send(struct mpsc *channel, const void *value)
{
    return await mpsc_send_timeout_ms(channel, value, WAIT_FOREVER);
}

ASYNC int mpsc_receive(struct mpsc *channel, void *value)
{
    return await mpsc_receive_timeout_ms(channel, value, WAIT_FOREVER);
}

int mpsc_try_send(struct mpsc *channel, const void *value)
{
    return step_try(channel, send_step, (void *)(uintptr_t)value);
}

int mpsc_try_receive(struct mpsc *channel, void *value)
{
    return step_try(channel, receive_step, value);
}

void mpsc_close(struct mpsc *channel)
{
    struct task_list woken = {0};

    lock_acquire(&channel->lock);
    channel->is_closed = true;
    while (claim_first(&channel->senders, -EPIPE, &woken))
        continue;
    while (claim_first(&channel->receivers, -EPIPE, &woken))
        continue;
    lock_release(&channel->lock);
    rt_task_list_ready(&woken);
}
