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
#include "future.h"
#include "task_switch.h"
#include "wait.h"

/* One who waits to send `value`, or to receive into it. Who claims the wait
 * sets `status`. */
struct mpsc_wait {
    struct rt_wait wait; /* first: the lists know only this */
    struct mpsc *channel;
    struct rt_wait_list *list;
    void *value;
    int status;
};

/* Does one step without waiting, with the channel locked. -EAGAIN: has to
 * wait. `woken` is to be made ready after that, or NULL. */
typedef int step_fn(struct mpsc *channel, void *value, struct rt_task **woken);

/* With the step known to the compiler, too. */
#define MPSC_INLINE static inline __attribute__((always_inline))

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

/* Most values are a pointer or a number: known sizes need no call. */
static void value_copy(const struct mpsc *channel, void *to, const void *from)
{
    if (SELDOM(channel->value_size > sizeof(uint64_t)))
        memcpy(to, from, channel->value_size);
    else if (channel->value_size == sizeof(uint32_t))
        memcpy(to, from, sizeof(uint32_t));
    else if (channel->value_size == sizeof(uint64_t))
        memcpy(to, from, sizeof(uint64_t));
    else
        memcpy(to, from, channel->value_size);
}

static void ring_add(struct mpsc *channel, const void *value)
{
    size_t place = channel->first + channel->count;

    assert(channel->count < channel->capacity);
    if (place >= channel->capacity)
        place -= channel->capacity;
    value_copy(channel, channel->ring + place * channel->value_size, value);
    channel->count++;
}

static void ring_take(struct mpsc *channel, void *value)
{
    assert(channel->count > 0);
    value_copy(channel, value,
               channel->ring + channel->first * channel->value_size);
    if (++channel->first == channel->capacity)
        channel->first = 0;
    channel->count--;
}

static inline struct mpsc_wait *claim_first(struct rt_wait_list *list,
                                            int status, struct rt_task **woken)
{
    struct mpsc_wait *waiter =
        (struct mpsc_wait *)rt_wait_claim_one(list, woken);

    if (waiter)
        waiter->status = status;
    return waiter;
}

MPSC_INLINE int send_step(struct mpsc *channel, void *value,
                          struct rt_task **woken)
{
    struct mpsc_wait *receiver;

    *woken = NULL;
    if (SELDOM(channel->is_closed))
        return -EPIPE;
    receiver = claim_first(&channel->receivers, 0, woken);
    if (OFTEN(receiver))
        value_copy(channel, receiver->value, value);
    else if (channel->count < channel->capacity)
        ring_add(channel, value);
    else
        return -EAGAIN;
    return 0;
}

MPSC_INLINE int receive_step(struct mpsc *channel, void *value,
                             struct rt_task **woken)
{
    struct mpsc_wait *sender;

    *woken = NULL;
    if (channel->count == 0)
        return SELDOM(channel->is_closed) ? -EPIPE : -EAGAIN;
    ring_take(channel, value);
    sender = claim_first(&channel->senders, 0, woken);
    if (sender)
        ring_add(channel, sender->value);
    return 0;
}

static int step_try(struct mpsc *channel, step_fn *step, void *value)
{
    struct rt_task *woken;
    int status;

    lock_acquire(&channel->lock);
    status = step(channel, value, &woken);
    lock_release(&channel->lock);
    if (woken)
        task_ready(woken);
    return status;
}

/* Locked by the task itself, on its stack: what it found there cannot change
 * until it is off the stack and in the list. */
static inline bool wait_commit(struct rt_task *task, void *arg)
{
    struct mpsc_wait *waiter = arg;
    struct mpsc *channel = waiter->channel;
    bool has_to_wait = rt_wait_add(waiter->list, &waiter->wait, task);

    lock_release(&channel->lock);
    return has_to_wait;
}

/* With the channel locked, which is released. Not inlined: who need not wait
 * needs no room for it. */
ASYNC RETURNS_BY_JUMP __attribute__((noinline)) static int
wait_for(struct mpsc *channel, struct rt_wait_list *list, void *value,
         uint64_t timeout_ms)
{
    struct mpsc_wait waiter;
    int status;

    rt_wait_init(&waiter.wait, timeout_ms);
    waiter.channel = channel;
    waiter.list = list;
    waiter.value = value;
    await task_suspend(wait_commit, &waiter);
    status = rt_wait_end(&waiter.wait, &channel->lock, list);
    return status ? status : waiter.status;
}

ASYNC MPSC_INLINE int step_await(struct mpsc *channel, step_fn *step,
                                 struct rt_wait_list *list, void *value,
                                 uint64_t timeout_ms)
{
    struct worker *worker = rt_worker_current();
    struct rt_task *woken;
    int status = await cancel_point(worker ? worker->running : NULL);

    if (status != 0)
        return status;
    lock_acquire(&channel->lock);
    status = step(channel, value, &woken);
    if (status == -EAGAIN && timeout_ms > 0)
        return await wait_for(channel, list, value, timeout_ms);
    lock_release(&channel->lock);
    if (status == -EAGAIN)
        return -ETIMEDOUT;
    if (OFTEN(woken))
        task_ready(woken);
    await task_breathe();
    return status;
}

/* The value of a send is only read, but shares the field with receives. */
ASYNC int mpsc_send_timeout_ms(struct mpsc *channel, const void *value,
                               uint64_t timeout_ms)
{
    return await step_await(channel, send_step, &channel->senders,
                            (void *)(uintptr_t)value, timeout_ms);
}

ASYNC int mpsc_receive_timeout_ms(struct mpsc *channel, void *value,
                                  uint64_t timeout_ms)
{
    return await step_await(channel, receive_step, &channel->receivers, value,
                            timeout_ms);
}

ASYNC int mpsc_send(struct mpsc *channel, const void *value)
{
    return await step_await(channel, send_step, &channel->senders,
                            (void *)(uintptr_t)value, WAIT_FOREVER);
}

ASYNC int mpsc_receive(struct mpsc *channel, void *value)
{
    return await step_await(channel, receive_step, &channel->receivers, value,
                            WAIT_FOREVER);
}

int mpsc_try_send(struct mpsc *channel, const void *value)
{
    return step_try(channel, send_step, (void *)(uintptr_t)value);
}

int mpsc_try_receive(struct mpsc *channel, void *value)
{
    return step_try(channel, receive_step, value);
}

static void claim_all(struct rt_wait_list *list, struct task_list *woken)
{
    struct mpsc_wait *waiter;

    while ((waiter = (struct mpsc_wait *)rt_wait_claim_first(list, woken)))
        waiter->status = -EPIPE;
}

void mpsc_close(struct mpsc *channel)
{
    struct task_list woken = {0};

    lock_acquire(&channel->lock);
    channel->is_closed = true;
    claim_all(&channel->senders, &woken);
    claim_all(&channel->receivers, &woken);
    lock_release(&channel->lock);
    rt_task_list_ready(&woken);
}

/* A claim that has been made cannot be taken back, so it is seen before whether
 * the step will succeed. Who has receivers waiting has room. */
static bool send_is_ready(const struct mpsc *channel)
{
    return channel->is_closed || channel->count < channel->capacity;
}

static bool receive_is_ready(const struct mpsc *channel)
{
    return channel->is_closed || channel->count > 0;
}

static void future_begin(struct rt_future *future, struct rt_task *task,
                         bool (*is_ready)(const struct mpsc *), step_fn *step,
                         struct rt_wait_list *list)
{
    struct mpsc_wait *waiter = FUTURE_ROOM(struct mpsc_wait, future);
    struct mpsc *channel = future->object;
    struct rt_task *woken = NULL;

    *waiter = (struct mpsc_wait){.channel = channel, .value = future->value};
    rt_future_wait_init(future, &waiter->wait);
    lock_acquire(&channel->lock);
    if (!is_ready(channel))
        rt_wait_list_add(list, &waiter->wait, task);
    else if (rt_wait_claim_own(&waiter->wait, task))
        waiter->status = step(channel, waiter->value, &woken);
    lock_release(&channel->lock);
    if (woken)
        task_ready(woken);
}

static int future_end(struct rt_future *future, struct rt_wait_list *list)
{
    struct mpsc_wait *waiter = FUTURE_ROOM(struct mpsc_wait, future);

    if (!rt_future_wait_end(&waiter->wait, &waiter->channel->lock, list))
        return -EAGAIN;
    return waiter->status;
}

static int send_future_try(struct rt_future *future)
{
    return step_try(future->object, send_step, future->value);
}

static void send_future_begin(struct rt_future *future, struct rt_task *task)
{
    struct mpsc *channel = future->object;

    future_begin(future, task, send_is_ready, send_step, &channel->senders);
}

static int send_future_end(struct rt_future *future)
{
    return future_end(future, &((struct mpsc *)future->object)->senders);
}

static int receive_future_try(struct rt_future *future)
{
    return step_try(future->object, receive_step, future->value);
}

static void receive_future_begin(struct rt_future *future, struct rt_task *task)
{
    struct mpsc *channel = future->object;

    future_begin(future, task, receive_is_ready, receive_step,
                 &channel->receivers);
}

static int receive_future_end(struct rt_future *future)
{
    return future_end(future, &((struct mpsc *)future->object)->receivers);
}

struct rt_future mpsc_send_future(struct mpsc *channel, const void *value)
{
    static const struct rt_future_ops ops = {
        .try = send_future_try,
        .begin = send_future_begin,
        .end = send_future_end,
    };

    return rt_future_make(&ops, channel, (void *)(uintptr_t)value, 0);
}

struct rt_future mpsc_receive_future(struct mpsc *channel, void *value)
{
    static const struct rt_future_ops ops = {
        .try = receive_future_try,
        .begin = receive_future_begin,
        .end = receive_future_end,
    };

    return rt_future_make(&ops, channel, value, 0);
}
