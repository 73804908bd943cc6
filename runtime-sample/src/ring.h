/*
 * io_uring, for calls on files and sockets.
 *
 * Calls are queued, and handed to the kernel many at a time: when a worker
 * looks around, has nothing else to do, or the queue is full. A call on a file
 * does not wait for that, as most of them are then done at once. What has ended
 * is found in memory that is shared with the kernel; a worker that sleeps does
 * so in the poller, of which the ring is one source.
 *
 * ring_uring.c is built where there is liburing, else ring_none.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_RING_H
#define RT_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "lock.h"
#include "rt/async.h"
#include "rt/executor.h"

struct runtime;
struct ring_memory;

enum ring_kind {
    RING_OPEN,
    RING_READ,
    RING_WRITE,
    RING_SYNC,
    RING_CLOSE,
    RING_ACCEPT,
    RING_CONNECT,
    RING_RECEIVE,
    RING_SEND,
};

/* At the file's own position. */
#define RING_POSITION UINT64_MAX

/* The most bytes that one call moves; what a kernel takes is a little more. */
#define RING_TRANSFER_MAX ((size_t)1 << 30)

static inline size_t ring_transfer_size(size_t size)
{
    return size < RING_TRANSFER_MAX ? size : RING_TRANSFER_MAX;
}

/* One call and what came of it: a count, a descriptor, or a negative errno. */
struct ring_call {
    enum ring_kind kind;
    int fd;
    const char *path;
    int flags;
    mode_t mode;
    void *buffer;
    size_t size;
    uint64_t offset;
    const struct sockaddr *address;
    socklen_t address_size;
    ssize_t result;
};

/* Zeroed but for its `wish`, it is good. `memory` is NULL until the first call,
 * and if there is no ring. `dozers` are in the poller, to be told. */
struct ring {
    lock_word lock;      /* of the queue to the kernel */
    lock_word ends_lock; /* of the queue from there, and of `dozers` */
    int dozers;
    enum rt_io wish;
    _Atomic bool was_tried;
    _Atomic(struct ring_memory *) memory;
};

/* Nothing may be in flight. Accepts a zeroed ring. */
void rt_ring_finish(struct ring *ring);

/* For a task: whether there is a ring, and whether it is for sockets. */
bool rt_ring_is_for_files(struct runtime *runtime);
bool rt_ring_is_for_sockets(struct runtime *runtime);

/* Hands over what is queued, and makes ready whose calls have ended; true if
 * there were some. */
bool rt_ring_look_now(struct ring *ring);

/* Around a sleep in the poller, which is told of calls that end meanwhile;
 * false if some have ended already. One that was kicked and the next one may be
 * there at the same time. */
bool rt_ring_doze_begin(struct ring *ring);
void rt_ring_doze_end(struct ring *ring);

static inline bool rt_ring_is_used(struct ring *ring)
{
    return atomic_load_explicit(&ring->memory, memory_order_relaxed) != NULL;
}

static inline bool rt_ring_look(struct ring *ring)
{
    return rt_ring_is_used(ring) && rt_ring_look_now(ring);
}

#endif
