/*
 * Many independent jobs in a few child processes. Each job turns its number
 * into bytes; the parent hands them on as they are finished, so that none
 * waits for one that takes long. A job that crashes, hangs or eats memory
 * costs itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_JOBS_H
#define ASYNCLINT_BASE_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

enum job_outcome {
    JOB_DONE,
    JOB_TIMED_OUT,
    JOB_CRASHED, /* by `signal` */
    JOB_OUT_OF_MEMORY,
    JOB_BAD_ANSWER, /* ended without one, or it is damaged */
};

struct job_result {
    uint32_t index;
    enum job_outcome outcome;
    int signal;        /* of JOB_CRASHED */
    const char *bytes; /* the answer, of JOB_DONE; good during the call */
    size_t length;
    const char *noise; /* what the job wrote to stderr, up to 64 KiB */
};

/* Workers that have been told to end. Giving back what they had takes them a
 * while, which is nobody's business but theirs. */
struct jobs_leaving {
    struct arena *arena;
    VEC(pid_t) items;
};

struct jobs {
    uint32_t count;
    uint32_t worker_max; /* processes at a time; fewer when short of room */
    uint32_t timeout_ms; /* wall time for a job; 0: none */
    uint32_t memory_mib; /* address space of a worker; 0: any */
    void *context;
    /* In the worker. The answer's arena is emptied between jobs. */
    void (*run)(void *context, uint32_t index, struct strbuf *answer);
    /* In the parent, once for each, in any order. False: enough, stop. */
    bool (*deliver)(void *context, const struct job_result *result);
    /* In the parent, while it would only wait (may be NULL): does a little of
     * something else. False: nothing of it is left. */
    bool (*meanwhile)(void *context);
    struct jobs_leaving *leaving; /* for who waits for them; may be NULL */
};

/* Returns when all is delivered and all workers are gone, but for those that
 * are in `leaving`. False only when not even one worker could be started, with
 * the reason in `err`. */
bool jobs_run(const struct jobs *jobs, struct err *err);

/* Waits for them; the list is empty then. */
void jobs_leaving_wait(struct jobs_leaving *leaving);

/* "timed out", "crashed (Segmentation fault)", …: one phrase for a note. */
const char *job_outcome_text(struct arena *arena,
                             const struct job_result *result);

#endif
