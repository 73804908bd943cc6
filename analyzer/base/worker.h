/*
 * One worker process of jobs.h, seen from its parent: it is started, told a
 * number, and answers with a frame. A frame is a header and the bytes that
 * the header promises, with their checksum, so that half an answer of a dying
 * process is never taken for a whole one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_WORKER_H
#define ASYNCLINT_BASE_WORKER_H

#include <sys/types.h>

#include "base/jobs.h"

enum {
    WORKER_MAGIC = 0x6a6f6273,     /* "jobs" */
    WORKER_NOISE_MAX = 64 << 10,   /* of stderr: a page of clang's crash */
    WORKER_ANSWER_MAX = 256 << 20, /* 100 times the largest facts seen */
};

struct worker_header {
    uint32_t magic;
    uint32_t index;
    uint64_t length;
    uint64_t checksum;
    uint64_t is_last; /* the worker has grown and ends after this answer */
};

struct worker {
    pid_t pid; /* 0: not running */
    int link;  /* a socket: numbers down, frames up */
    int noise; /* a pipe from its stderr */
};

/* Starts a worker; the parent's ends of the `others` are closed in it. False
 * with errno when the machine is short of something. */
bool worker_start(struct worker *worker, const struct jobs *jobs,
                  const struct worker *others, uint32_t other_count);

/* Tells it a job. False: it is gone. */
bool worker_tell(const struct worker *worker, uint32_t index);

/* Lets it end by itself; returns its pid, for worker_wait. */
pid_t worker_leave(struct worker *worker);

/* Until it has ended; its wait status. */
int worker_wait(pid_t pid);

/* Ends it, now if `kills`, else by closing its link. Returns its wait status.
 * Its noise stays open; the caller reads the rest and closes it. */
int worker_end(struct worker *worker, bool kills);

#endif
