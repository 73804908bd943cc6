/*
 * The ring: one for an executor, made by its first call.
 *
 * An executor with one worker tells the kernel that nobody else uses the ring.
 * The kernel then interrupts nobody: it leaves the work that remains to be done
 * when a socket has become ready (to receive from it, that is) until the worker
 * looks. With several workers that work may be due on one that computes, so
 * there the kernel does it at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base.h"
#include "ring_op.h"
#include "runtime.h"

/* Calls between two submissions; the kernel keeps more ends than there is room
 * for, so that any number may be in flight. */
#define ENTRIES 256

/* Ends that are taken from the ring at a time. */
#define ENDS_BATCH 64

/* Older headers do not know them, and older kernels say so. */
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif
#define FLAGS_ALONE                                                            \
    (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |                 \
     IORING_SETUP_TASKRUN_FLAG)

struct ring_memory {
    struct ring *ring;
    struct io_uring uring;
    struct source source; /* what the poller knows the ring by */
    int event_fd;         /* of that */
    _Atomic unsigned queued;
    bool is_deferred; /* the kernel waits for us to look */
};

static struct ring_memory *memory_of(struct ring *ring)
{
    return atomic_load_explicit(&ring->memory, memory_order_acquire);
}

/* One batch; how many there were. Ends of cancellations are nobody's. What the
 * kernel shows us was queued before, by another thread perhaps: `queued` says
 * so to the compiler (and to TSan), as it is written after. */
static unsigned ends_take(struct ring_memory *memory, struct task_list *woken)
{
    struct io_uring_cqe *ends[ENDS_BATCH];
    struct ring_op *ops[ENDS_BATCH];
    int results[ENDS_BATCH];
    unsigned count;

    lock_acquire(&memory->ring->ends_lock);
    count = io_uring_peek_batch_cqe(&memory->uring, ends, ENDS_BATCH);
    for (unsigned i = 0; i < count; i++) {
        ops[i] = io_uring_cqe_get_data(ends[i]);
        results[i] = ends[i]->res;
    }
    io_uring_cq_advance(&memory->uring, count);
    lock_release(&memory->ring->ends_lock);
    (void)atomic_load_explicit(&memory->queued, memory_order_acquire);

    for (unsigned i = 0; i < count; i++) {
        struct ring_op *op = ops[i];
        lock_word *lock = op ? op->lock : NULL;

        if (!op)
            continue;
        lock_acquire(lock);
        op->call->result = results[i];
        op->is_done = true;
        if (op->wait.is_listed)
            rt_wait_claim(op->list, &op->wait, woken);
        lock_release(lock);
    }
    return count;
}

/* With the queue locked. What the kernel has no memory for stays there. */
static void queue_submit(struct ring_memory *memory)
{
    struct io_uring *uring = &memory->uring;
    int count = memory->is_deferred ? io_uring_submit_and_get_events(uring)
                                    : io_uring_submit(uring);

    if (count < 0 && count != -EINTR && count != -EAGAIN && count != -EBUSY)
        rt_die("io_uring takes no more calls: %s", strerror(-count));
    atomic_store_explicit(&memory->queued, io_uring_sq_ready(uring),
                          memory_order_release);
}

bool rt_ring_look_now(struct ring *ring)
{
    struct ring_memory *memory = memory_of(ring);
    struct task_list woken = {0};
    unsigned count = 0;
    unsigned taken;

    if (atomic_load_explicit(&memory->queued, memory_order_relaxed) > 0) {
        lock_acquire(&ring->lock);
        queue_submit(memory);
        lock_release(&ring->lock);
    } else if (memory->is_deferred &&
               (IO_URING_READ_ONCE(*memory->uring.sq.kflags) &
                IORING_SQ_TASKRUN)) {
        io_uring_get_events(&memory->uring);
    }
    do {
        taken = ends_take(memory, &woken);
        count += taken;
    } while (taken == ENDS_BATCH);
    rt_task_list_ready(&woken);
    return count > 0;
}

/* Without asking the kernel. With the ends locked. */
static bool has_ends(struct ring_memory *memory)
{
    return io_uring_cq_ready(&memory->uring) > 0 ||
           (IO_URING_READ_ONCE(*memory->uring.sq.kflags) & IORING_SQ_TASKRUN);
}

/* With the ends locked. */
static void telling_set(struct ring *ring)
{
    struct ring_memory *memory = memory_of(ring);

    if (memory)
        io_uring_cq_eventfd_toggle(&memory->uring, ring->dozers > 0);
}

/* The kernel reads whether it is to tell only after it has written that there
 * is something (and a fence); we do it the other way round. */
bool rt_ring_doze_begin(struct ring *ring)
{
    struct ring_memory *memory;
    bool may_doze;

    lock_acquire(&ring->ends_lock);
    ring->dozers++;
    telling_set(ring);
    rt_fence_slow();
    memory = memory_of(ring);
    may_doze =
        !memory || (!has_ends(memory) && atomic_load(&memory->queued) == 0);
    lock_release(&ring->ends_lock);
    return may_doze;
}

void rt_ring_doze_end(struct ring *ring)
{
    lock_acquire(&ring->ends_lock);
    ring->dozers--;
    telling_set(ring);
    lock_release(&ring->ends_lock);
}

/* The poller may know the ring before we do. */
static void ring_notify(struct source *source)
{
    struct ring_memory *memory =
        (struct ring_memory *)(void *)((char *)source -
                                       offsetof(struct ring_memory, source));

    rt_ring_look(memory->ring);
}

static bool knows_all_calls(struct io_uring *uring)
{
    static const int calls[] = {
        IORING_OP_OPENAT,       IORING_OP_READ,    IORING_OP_WRITE,
        IORING_OP_FSYNC,        IORING_OP_CLOSE,   IORING_OP_ACCEPT,
        IORING_OP_RECV,         IORING_OP_CONNECT, IORING_OP_SEND,
        IORING_OP_ASYNC_CANCEL,
    };
    struct io_uring_probe *probe = io_uring_get_probe_ring(uring);
    bool knows_all = probe && (uring->features & IORING_FEAT_RW_CUR_POS) &&
                     (uring->features & IORING_FEAT_NODROP) &&
                     (uring->features & IORING_FEAT_FAST_POLL);

    for (size_t i = 0; knows_all && i < sizeof calls / sizeof calls[0]; i++)
        knows_all = io_uring_opcode_supported(probe, calls[i]);
    if (probe)
        io_uring_free_probe(probe);
    return knows_all;
}

static bool uring_open(struct ring_memory *memory, bool is_alone)
{
    memory->is_deferred =
        is_alone &&
        io_uring_queue_init(ENTRIES, &memory->uring, FLAGS_ALONE) == 0;
    return memory->is_deferred ||
           io_uring_queue_init(ENTRIES, &memory->uring, 0) == 0;
}

/* The descriptor of an event, not the ring's own: that does not become ready
 * for work that is left to us. Nothing reads it, as it is looked at for changes
 * only. */
static bool event_open(struct ring_memory *memory, struct poller *poller)
{
    memory->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (memory->event_fd < 0)
        return false;
    if (io_uring_register_eventfd(&memory->uring, memory->event_fd) == 0 &&
        rt_poller_add(poller, &memory->source, memory->event_fd) == 0)
        return true;
    close(memory->event_fd);
    return false;
}

/* NULL where the kernel is too old, or where it (or a container) forbids. */
static struct ring_memory *memory_make(struct ring *ring,
                                       struct runtime *runtime)
{
    struct ring_memory *memory = calloc(1, sizeof *memory);

    if (!memory)
        return NULL;
    memory->ring = ring;
    memory->source.notify = ring_notify;
    if (!uring_open(memory, runtime->worker_count == 1))
        goto free_memory;
    if (!knows_all_calls(&memory->uring) ||
        !event_open(memory, &runtime->poller))
        goto exit_queue;
    return memory;

exit_queue:
    io_uring_queue_exit(&memory->uring);
free_memory:
    free(memory);
    return NULL;
}

void rt_ring_finish(struct ring *ring)
{
    struct ring_memory *memory = memory_of(ring);

    if (!memory)
        return;
    io_uring_queue_exit(&memory->uring);
    close(memory->event_fd);
    free(memory);
    atomic_store(&ring->memory, NULL);
}

static bool ring_is_there(struct runtime *runtime)
{
    struct ring *ring = &runtime->ring;

    if (atomic_load_explicit(&ring->was_tried, memory_order_acquire))
        return memory_of(ring) != NULL;
    lock_acquire(&ring->lock);
    if (!atomic_load(&ring->was_tried)) {
        struct ring_memory *memory = memory_make(ring, runtime);

        lock_acquire(&ring->ends_lock);
        atomic_store(&ring->memory, memory);
        telling_set(ring);
        lock_release(&ring->ends_lock);
    }
    atomic_store(&ring->was_tried, true);
    lock_release(&ring->lock);
    return memory_of(ring) != NULL;
}

bool rt_ring_is_for_files(struct runtime *runtime)
{
    return runtime->ring.wish != RT_IO_POLL && ring_is_there(runtime);
}

bool rt_ring_is_for_sockets(struct runtime *runtime)
{
    return runtime->ring.wish == RT_IO_RING && ring_is_there(runtime);
}

static void call_prepare(struct io_uring_sqe *sqe, const struct ring_call *call)
{
    switch (call->kind) {
    case RING_OPEN:
        io_uring_prep_openat(sqe, AT_FDCWD, call->path, call->flags,
                             call->mode);
        return;
    case RING_READ:
        io_uring_prep_read(sqe, call->fd, call->buffer, (unsigned)call->size,
                           call->offset);
        return;
    case RING_WRITE:
        io_uring_prep_write(sqe, call->fd, call->buffer, (unsigned)call->size,
                            call->offset);
        return;
    case RING_SYNC:
        io_uring_prep_fsync(sqe, call->fd, 0);
        return;
    case RING_CLOSE:
        io_uring_prep_close(sqe, call->fd);
        return;
    case RING_ACCEPT:
        io_uring_prep_accept(sqe, call->fd, NULL, NULL, call->flags);
        return;
    case RING_CONNECT:
        io_uring_prep_connect(sqe, call->fd, call->address, call->address_size);
        return;
    case RING_RECEIVE:
        io_uring_prep_recv(sqe, call->fd, call->buffer, call->size,
                           call->flags);
        return;
    case RING_SEND:
        io_uring_prep_send(sqe, call->fd, call->buffer, call->size,
                           call->flags);
    }
}

/* With the queue locked. Seldom full: see rt_ring_make_room. */
static struct io_uring_sqe *entry_begin(struct ring_memory *memory)
{
    struct io_uring_sqe *sqe;

    while (!(sqe = io_uring_get_sqe(&memory->uring)))
        queue_submit(memory);
    return sqe;
}

static void entry_end(struct ring_memory *memory, struct io_uring_sqe *sqe,
                      void *data)
{
    io_uring_sqe_set_data(sqe, data);
    atomic_store_explicit(&memory->queued, io_uring_sq_ready(&memory->uring),
                          memory_order_release);
}

void rt_ring_make_room(struct ring *ring)
{
    struct ring_memory *memory = memory_of(ring);

    if (atomic_load_explicit(&memory->queued, memory_order_relaxed) >=
        ENTRIES / 2)
        rt_ring_look_now(ring);
}

void rt_ring_add(struct ring *ring, struct ring_op *op)
{
    struct ring_memory *memory = memory_of(ring);
    struct io_uring_sqe *sqe;

    lock_acquire(&ring->lock);
    sqe = entry_begin(memory);
    call_prepare(sqe, op->call);
    entry_end(memory, sqe, op);
    lock_release(&ring->lock);
}

void rt_ring_cancel(struct ring *ring, struct ring_op *op)
{
    struct ring_memory *memory = memory_of(ring);
    struct io_uring_sqe *sqe;

    lock_acquire(&ring->lock);
    sqe = entry_begin(memory);
    io_uring_prep_cancel(sqe, op, 0);
    entry_end(memory, sqe, NULL);
    lock_release(&ring->lock);
}
