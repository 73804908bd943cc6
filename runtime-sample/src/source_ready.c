/*
 * Futures of sockets: done when a call would not have to wait. Whether that is
 * so is asked of the kernel, and the poller tells of changes, also where calls
 * go through the ring.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <time.h>

#include "future.h"
#include "runtime.h"
#include "source.h"

/* Has a user's share of the source, or that is NULL: closed already. */
struct ready_wait {
    struct rt_wait wait;
    struct source *source;
    int status;
};

static enum direction direction_of(const struct rt_future *future)
{
    return (enum direction)(uintptr_t)future->value;
}

static struct source *source_of(const struct rt_future *future)
{
    return rt_source_find((uint32_t)future->number,
                          (uint32_t)(future->number >> 32));
}

static bool source_is_ready(const struct source *source,
                            enum direction direction)
{
    const struct timespec none = {.tv_sec = 0, .tv_nsec = 0};
    struct pollfd look = {
        .fd = source->fd,
        .events = direction == DIRECTION_READ ? POLLIN | POLLRDHUP : POLLOUT,
    };

    return ppoll(&look, 1, &none, NULL) != 0;
}

static int ready_try(struct rt_future *future)
{
    struct source *source = source_of(future);
    bool is_ready;

    if (!source)
        return -EBADF;
    is_ready = source_is_ready(source, direction_of(future));
    rt_source_put(source);
    return is_ready ? 0 : -EAGAIN;
}

/* The changes are read before the look: one that comes in between shows. */
static bool source_await(struct source *source, enum direction direction,
                         struct rt_wait *wait, struct rt_task *task)
{
    uint64_t seen;
    bool has_to_wait;

    lock_acquire(&source->lock);
    seen = source->changes[direction];
    lock_release(&source->lock);
    if (source_is_ready(source, direction))
        return false;
    lock_acquire(&source->lock);
    has_to_wait = !source->is_closed && source->changes[direction] == seen;
    if (has_to_wait)
        rt_wait_list_add(&source->waiters[direction], wait, task);
    lock_release(&source->lock);
    return has_to_wait;
}

static void ready_begin(struct rt_future *future, struct rt_task *task)
{
    struct ready_wait *waiter = FUTURE_ROOM(struct ready_wait, future);

    *waiter = (struct ready_wait){.source = source_of(future)};
    rt_future_wait_init(future, &waiter->wait);
    if (waiter->source)
        waiter->status = rt_source_poll(waiter->source);
    if (!waiter->source || waiter->status != 0 ||
        !source_await(waiter->source, direction_of(future), &waiter->wait,
                      task))
        (void)rt_wait_claim_own(&waiter->wait, task);
}

static int ready_end(struct rt_future *future)
{
    struct ready_wait *waiter = FUTURE_ROOM(struct ready_wait, future);
    struct source *source = waiter->source;
    bool is_done;

    if (!source)
        return waiter->wait.end != WAIT_END_NONE ? -EBADF : -EAGAIN;
    is_done = rt_future_wait_end(&waiter->wait, &source->lock,
                                 &source->waiters[direction_of(future)]);
    rt_source_put(source);
    return is_done ? waiter->status : -EAGAIN;
}

static struct rt_future ready_future(uint32_t slot, uint32_t generation,
                                     enum direction direction)
{
    static const struct rt_future_ops ops = {
        .try = ready_try,
        .begin = ready_begin,
        .end = ready_end,
    };

    return rt_future_make(&ops, NULL, (void *)(uintptr_t)direction,
                          (uint64_t)generation << 32 | slot);
}

struct rt_future rt_tcp_readable_future(struct rt_tcp_stream stream)
{
    return ready_future(stream.slot, stream.generation, DIRECTION_READ);
}

struct rt_future rt_tcp_writable_future(struct rt_tcp_stream stream)
{
    return ready_future(stream.slot, stream.generation, DIRECTION_WRITE);
}

struct rt_future rt_tcp_acceptable_future(struct rt_tcp_listener listener)
{
    return ready_future(listener.slot, listener.generation, DIRECTION_READ);
}
