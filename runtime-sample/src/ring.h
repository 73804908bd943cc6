/*
 * io_uring, for calls on files. Completions come through the poller: the ring's
 * own descriptor is one of its sources.
 *
 * ring_uring.c is built where there is liburing, else ring_none.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_RING_H
#define RT_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lock.h"
#include "rt/async.h"

struct runtime;
struct ring_memory;

enum file_call_kind {
    FILE_OPEN,
    FILE_READ,
    FILE_WRITE,
    FILE_SYNC,
    FILE_CLOSE,
};

/* At the file's own position. */
#define FILE_POSITION UINT64_MAX

/* One call and what came of it: a count, a descriptor, or a negative errno. */
struct file_call {
    enum file_call_kind kind;
    int fd;
    const char *path;
    int flags;
    mode_t mode;
    void *buffer;
    size_t size;
    uint64_t offset;
    ssize_t result;
};

/* `memory` is NULL until the first call, and if there is no ring. */
struct ring {
    lock_word lock;
    bool was_tried;
    struct ring_memory *memory;
};

/* Nothing may be in flight. Accepts a zeroed ring. */
void rt_ring_finish(struct ring *ring);

/* False, and nothing has happened, if there is no ring. */
ASYNC bool rt_ring_call(struct runtime *runtime, struct file_call *call);

#endif
