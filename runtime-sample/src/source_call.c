/*
 * Calls on sockets: by a try, and another one after the poller has seen that
 * something has changed; or by the ring.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#include "base.h"
#include "cancel.h"
#include "ring_op.h"
#include "runtime.h"
#include "source.h"
#include "wait.h"

/* An accepted connection that is gone already is nobody's error. */
static ssize_t accept_try(int fd, const struct ring_call *call)
{
    int accepted;

    do
        accepted = accept4(fd, NULL, NULL, call->flags);
    while (accepted < 0 && errno == ECONNABORTED);
    return accepted;
}

static ssize_t call_run(int fd, const struct ring_call *call)
{
    if (call->kind == RING_ACCEPT)
        return accept_try(fd, call);
    if (call->kind == RING_RECEIVE)
        return recv(fd, call->buffer, call->size, call->flags);
    if (call->kind == RING_SEND)
        return send(fd, call->buffer, call->size, call->flags);
    assert(call->kind == RING_CONNECT);
    return connect(fd, call->address, call->address_size);
}

/* -EAGAIN: not now. Not inlined, so that errno is read on the thread that has
 * set it. To connect again is to ask how it goes. */
__attribute__((noinline)) static ssize_t call_try(int fd,
                                                  struct ring_call *call)
{
    do {
        call->result = call_run(fd, call);
        if (call->result < 0)
            call->result = -errno;
    } while (call->result == -EINTR);
    if (call->result == -EINPROGRESS || call->result == -EALREADY)
        return -EAGAIN;
    return call->result;
}

/* Does the waiting for one event, or for one call; on the stack of the task
 * that waits. */
struct source_wait {
    struct ring_op op;
    struct source *source;
    struct rt_wait_list *waiters;
    struct ring *ring;
    enum direction direction;
    uint64_t deadline_ns;
    uint64_t changes_seen;
    bool is_begun;
};

/* What is left of the time, rounded up. */
static uint64_t wait_ms(const struct source_wait *wait)
{
    uint64_t now_ns;

    if (wait->deadline_ns == UINT64_MAX)
        return WAIT_FOREVER;
    now_ns = rt_now_ns();
    if (now_ns >= wait->deadline_ns)
        return 0;
    return (wait->deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
}

static bool change_commit(struct rt_task *task, void *arg)
{
    struct source_wait *wait = arg;
    struct source *source = wait->source;
    bool has_to_wait;

    lock_acquire(&source->lock);
    has_to_wait = !source->is_closed &&
                  source->changes[wait->direction] == wait->changes_seen &&
                  rt_wait_add(wait->waiters, &wait->op.wait, task);
    lock_release(&source->lock);
    return has_to_wait;
}

/* False when the source is closed. The count is read before the try: an event
 * that comes between try and wait then shows as a change. */
static bool source_look(struct source_wait *wait)
{
    bool is_open;

    lock_acquire(&wait->source->lock);
    is_open = !wait->source->is_closed;
    wait->changes_seen = wait->source->changes[wait->direction];
    lock_release(&wait->source->lock);
    return is_open;
}

ASYNC static ssize_t call_by_tries(struct source_wait *wait)
{
    struct source *source = wait->source;
    int status = 0;

    while (status == 0 && source_look(wait)) {
        ssize_t result = call_try(source->fd, wait->op.call);
        uint64_t timeout_ms;

        if (result != -EAGAIN) {
            await rt_task_breathe();
            return result;
        }
        timeout_ms = wait_ms(wait);
        if (timeout_ms == 0)
            return -ETIMEDOUT;
        status = rt_source_poll(source);
        if (status != 0)
            return status;
        rt_wait_init(&wait->op.wait, timeout_ms);
        await rt_task_suspend(change_commit, wait);
        status = rt_wait_end(&wait->op.wait, &source->lock, wait->waiters);
    }
    return status != 0 ? status : -ECANCELED;
}

/* Once the lock is free the task may be gone, with `wait`. */
static bool call_commit(struct rt_task *task, void *arg)
{
    struct source_wait *wait = arg;
    struct source *source = wait->source;
    bool is_begun;

    lock_acquire(&source->lock);
    is_begun =
        !source->is_closed && rt_wait_add(wait->op.list, &wait->op.wait, task);
    wait->is_begun = is_begun;
    if (is_begun)
        rt_ring_add(wait->ring, &wait->op);
    lock_release(&source->lock);
    return is_begun;
}

static bool end_commit(struct rt_task *task, void *arg)
{
    struct source_wait *wait = arg;
    struct source *source = wait->source;
    bool has_to_wait;

    lock_acquire(&source->lock);
    has_to_wait = !wait->op.is_done;
    if (has_to_wait)
        rt_wait_add(wait->op.list, &wait->op.wait, task);
    lock_release(&source->lock);
    return has_to_wait;
}

static bool call_is_done(struct source_wait *wait)
{
    bool is_done;

    lock_acquire(&wait->source->lock);
    is_done = wait->op.is_done;
    lock_release(&wait->source->lock);
    return is_done;
}

/* The call's memory is the kernel's until this is over. It may end just now,
 * and who sees that looks whether somebody waits. */
ASYNC static void call_end(struct source_wait *wait)
{
    rt_ring_make_room(wait->ring);
    rt_ring_cancel(wait->ring, &wait->op);
    lock_acquire(wait->op.lock);
    rt_wait_init_shielded(&wait->op.wait, WAIT_FOREVER);
    lock_release(wait->op.lock);
    await rt_task_suspend(end_commit, wait);
    (void)rt_wait_end(&wait->op.wait, wait->op.lock, wait->op.list);
}

/* Who was woken before the call's end, as the time was over, the source was
 * closed or the task was cancelled, ends it. It may have succeeded even so. */
ASYNC static ssize_t call_by_ring(struct source_wait *wait, uint64_t timeout_ms)
{
    int status;

    wait->op.is_done = wait->is_begun = false;
    rt_ring_make_room(wait->ring);
    rt_wait_init(&wait->op.wait, timeout_ms);
    await rt_task_suspend(call_commit, wait);
    status = rt_wait_end(&wait->op.wait, wait->op.lock, wait->op.list);
    if (!wait->is_begun)
        return status != 0 ? status : -ECANCELED;
    if (call_is_done(wait))
        return wait->op.call->result;
    await call_end(wait);
    if (wait->op.call->result >= 0)
        return wait->op.call->result;
    return status != 0 ? status : -ECANCELED;
}

/* Some kernels do not wait with sockets that do not block. */
ASYNC static ssize_t call_somehow(struct source_wait *wait)
{
    ssize_t result;

    if (!rt_ring_is_for_sockets(rt_runtime_current()))
        return await call_by_tries(wait);
    do {
        uint64_t timeout_ms = wait_ms(wait);

        if (timeout_ms == 0)
            return await call_by_tries(wait);
        result = await call_by_ring(wait, timeout_ms);
    } while (result == -EINTR ||
             (result == -ECONNABORTED && wait->op.call->kind == RING_ACCEPT));
    return result == -EAGAIN ? await call_by_tries(wait) : result;
}

ASYNC ssize_t rt_source_call(struct source *source, struct ring_call *call,
                             uint64_t timeout_ms)
{
    enum direction direction =
        call->kind == RING_ACCEPT || call->kind == RING_RECEIVE
            ? DIRECTION_READ
            : DIRECTION_WRITE;
    struct source_wait wait = {
        .op.call = call,
        .op.lock = &source->lock,
        .op.list = &source->callers,
        .waiters = &source->waiters[direction],
        .source = source,
        .ring = &rt_runtime_current()->ring,
        .direction = direction,
        .deadline_ns = UINT64_MAX,
    };
    int status = await rt_cancel_point();

    if (status != 0)
        return status;
    call->fd = source->fd;
    if (timeout_ms != WAIT_FOREVER)
        wait.deadline_ns = rt_sleep_deadline_ns(timeout_ms);
    return await call_somehow(&wait);
}
