/*
 * Calls on files through io_uring.
 *
 * One ring for an executor, under one lock: a call on a file costs a system
 * call anyway. What the kernel can do at once has been done when the submission
 * returns, so completions are looked for right behind it; the others are
 * brought by the poller.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"
#include "wait.h"

/* Calls between two submissions, of which there is one for each; the rest is
 * room for completions, which the kernel keeps if there are more. */
#define ENTRIES 256

struct ring_memory {
    struct ring *ring;
    struct io_uring uring;
    struct source source; /* what the poller knows the ring by */
    struct rt_wait_list waiters;
};

/* On the stack of the task that waits. */
struct ring_wait {
    struct rt_wait wait;
    struct ring *ring;
    struct file_call *call;
};

/* With the ring locked. */
static void completions_take(struct ring_memory *memory,
                             struct task_list *woken)
{
    struct io_uring_cqe *cqe;

    while (io_uring_peek_cqe(&memory->uring, &cqe) == 0) {
        struct ring_wait *waiter = io_uring_cqe_get_data(cqe);

        waiter->call->result = cqe->res;
        io_uring_cqe_seen(&memory->uring, cqe);
        rt_wait_claim(&memory->waiters, &waiter->wait, woken);
    }
}

static void ring_notify(struct source *source)
{
    struct ring_memory *memory =
        (struct ring_memory *)(void *)((char *)source -
                                       offsetof(struct ring_memory, source));
    struct task_list woken = {0};

    lock_acquire(&memory->ring->lock);
    completions_take(memory, &woken);
    lock_release(&memory->ring->lock);
    rt_task_list_ready(&woken);
}

static bool knows_all_calls(struct io_uring *uring)
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(uring);
    bool knows_all = probe &&
                     io_uring_opcode_supported(probe, IORING_OP_READ) &&
                     io_uring_opcode_supported(probe, IORING_OP_WRITE) &&
                     io_uring_opcode_supported(probe, IORING_OP_OPENAT) &&
                     io_uring_opcode_supported(probe, IORING_OP_FSYNC) &&
                     io_uring_opcode_supported(probe, IORING_OP_CLOSE);

    if (probe)
        io_uring_free_probe(probe);
    return knows_all && (uring->features & IORING_FEAT_RW_CUR_POS);
}

/* NULL where the kernel is too old, or where it (or a container) forbids. */
static struct ring_memory *memory_make(struct ring *ring,
                                       struct runtime *runtime)
{
    const char *wish = getenv("RT_IO_URING");
    struct ring_memory *memory;

    if (wish && strcmp(wish, "0") == 0)
        return NULL;
    memory = calloc(1, sizeof *memory);
    if (!memory)
        return NULL;
    memory->ring = ring;
    memory->source.notify = ring_notify;
    if (io_uring_queue_init(ENTRIES, &memory->uring, 0) != 0)
        goto free_memory;
    if (!knows_all_calls(&memory->uring) ||
        rt_poller_add(&runtime->poller, &memory->source,
                      memory->uring.ring_fd) != 0)
        goto exit_queue;
    atomic_store(&runtime->sources.is_used, true);
    return memory;

exit_queue:
    io_uring_queue_exit(&memory->uring);
free_memory:
    free(memory);
    return NULL;
}

void rt_ring_finish(struct ring *ring)
{
    if (!ring->memory)
        return;
    io_uring_queue_exit(&ring->memory->uring);
    free(ring->memory);
    ring->memory = NULL;
}

static void call_prepare(struct io_uring_sqe *sqe, const struct file_call *call)
{
    unsigned size = (unsigned)call->size;

    switch (call->kind) {
    case FILE_OPEN:
        io_uring_prep_openat(sqe, AT_FDCWD, call->path, call->flags,
                             call->mode);
        return;
    case FILE_READ:
        io_uring_prep_read(sqe, call->fd, call->buffer, size, call->offset);
        return;
    case FILE_WRITE:
        io_uring_prep_write(sqe, call->fd, call->buffer, size, call->offset);
        return;
    case FILE_SYNC:
        io_uring_prep_fsync(sqe, call->fd, 0);
        return;
    case FILE_CLOSE:
        io_uring_prep_close(sqe, call->fd);
    }
}

/* The queue is empty each time, as each call is submitted at once. What cannot
 * be submitted ends with the reason. */
static bool call_commit(struct rt_task *task, void *arg)
{
    struct ring_wait *waiter = arg;
    struct ring *ring = waiter->ring;
    struct ring_memory *memory = ring->memory;
    struct task_list woken = {0};
    struct io_uring_sqe *sqe;
    int count;

    lock_acquire(&ring->lock);
    rt_wait_add(&memory->waiters, &waiter->wait, task);
    sqe = io_uring_get_sqe(&memory->uring);
    call_prepare(sqe, waiter->call);
    io_uring_sqe_set_data(sqe, waiter);
    do
        count = io_uring_submit(&memory->uring);
    while (count == -EINTR || count == -EAGAIN || count == -EBUSY);
    if (count < 0) {
        waiter->call->result = count;
        rt_wait_claim(&memory->waiters, &waiter->wait, &woken);
    }
    completions_take(memory, &woken);
    lock_release(&ring->lock);
    rt_task_list_ready(&woken);
    return true;
}

ASYNC bool rt_ring_call(struct runtime *runtime, struct file_call *call)
{
    struct ring *ring = &runtime->ring;
    struct ring_wait waiter = {.ring = ring, .call = call};
    bool has_ring;

    lock_acquire(&ring->lock);
    if (!ring->was_tried)
        ring->memory = memory_make(ring, runtime);
    ring->was_tried = true;
    has_ring = ring->memory != NULL;
    lock_release(&ring->lock);
    if (!has_ring)
        return false;
    rt_wait_init_shielded(&waiter.wait, WAIT_FOREVER);
    await rt_task_suspend(call_commit, &waiter);
    (void)rt_wait_end(&waiter.wait, &ring->lock, &ring->memory->waiters);
    return true;
}
