/*
 * Sources: the sockets of a runtime, each with the tasks that wait for it.
 *
 * A source is named by slot and generation, and its memory lives as long as
 * the runtime: a name that is left over, or a late event from the kernel, hits
 * a source that can tell it is not meant, or wakes somebody who looks again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_SOURCE_H
#define RT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lock.h"
#include "poller.h"
#include "rt/wait_list.h"
#include "task_list.h"

struct ring_call;

enum direction { DIRECTION_READ, DIRECTION_WRITE, DIRECTION_COUNT };

/* A source with `notify` is told of events, and has nothing else; for sockets
 * all is under `lock`. `users` counts calls that are using the descriptor, plus
 * one until it is closed; the last one closes it in the kernel. `changes`
 * counts events: who tried, failed and finds it unchanged may wait. */
struct source {
    void (*notify)(struct source *source); /* NULL for sockets */
    lock_word lock;
    struct sources *sources;
    struct source *next_free;
    int fd;
    int users;
    uint32_t slot;
    uint32_t generation;
    bool is_closed;
    bool is_polled;
    uint64_t changes[DIRECTION_COUNT];
    struct rt_wait_list waiters[DIRECTION_COUNT]; /* for changes */
    struct rt_wait_list callers;                  /* for calls of the ring */
};

/* Sources lie in blocks, each twice as large as the one before, which stay
 * where they are: a name is looked up without the lock. Each has cache lines of
 * its own, as its neighbours are used by other workers. */
#define SOURCE_BLOCKS 24
#define SOURCE_BLOCK_FIRST 64U
struct source_cell {
    _Alignas(64) struct source source;
};

struct sources {
    _Atomic bool is_used; /* there has been a source in the poller */
    _Atomic(struct source_cell *) blocks[SOURCE_BLOCKS];
    lock_word lock; /* of the rest */
    uint32_t count;
    struct source *first_free;
};

struct source_name {
    uint32_t slot;
    uint32_t generation;
};

/* A zeroed struct is initialised; finish closes what is still open. */
void rt_sources_finish(struct sources *sources);

/* Takes the non-blocking descriptor over (and closes it on failure). 0 or a
 * negative errno. */
int rt_source_open(struct sources *sources, int fd, struct source_name *name);
void rt_source_close(struct sources *sources, struct source_name name);

/* Among the sources of this thread's runtime, if it has one; NULL for a name of
 * something closed. Each find has its put. */
struct source *rt_source_find(uint32_t slot, uint32_t generation);
void rt_source_put(struct source *source);

/* Makes the poller watch the descriptor, once. 0 or a negative errno. */
int rt_source_poll(struct source *source);

/* Makes a call on the source's descriptor, suspending until it is done. Returns
 * its result, or -ECANCELED when the source was closed or the task was
 * cancelled, or -ETIMEDOUT (never with WAIT_FOREVER). */
ASYNC ssize_t rt_source_call(struct source *source, struct ring_call *call,
                             uint64_t timeout_ms);

/* Wakes those who wait for one of these events. */
void rt_sources_notify(const struct poller_event *events, int count);

#endif
