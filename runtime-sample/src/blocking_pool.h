/*
 * Threads for functions that block: started when all others are busy, up to a
 * bound, and ended when there was nothing to do for a while.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_BLOCKING_POOL_H
#define RT_BLOCKING_POOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct blocking_job;
struct rt_join_handle;
struct runtime;

/* A thread is idle or has a job; a job in the list has no thread yet. Threads
 * are only started when fewer are idle than jobs are queued. Each thread that
 * ends joins the one that ended before it; the last one is joined by finish. */
struct blocking_pool {
    struct runtime *runtime;
    pthread_mutex_t lock;
    pthread_cond_t job_added;
    pthread_cond_t thread_ended;
    struct blocking_job *first;
    struct blocking_job *last;
    int queued;
    int idle;
    int threads;
    int threads_max;
    uint32_t idle_ms_max;
    pthread_t last_ended; /* if has_ended */
    bool has_ended;
    bool is_closing;
};

void rt_blocking_pool_init(struct blocking_pool *pool, struct runtime *runtime,
                           int threads_max, uint32_t idle_ms_max);

/* The job that this thread is running, if it is one of the pool's. */
struct rt_join_handle *rt_blocking_job_current(void);

/* All jobs must have finished. Ends the threads and waits for them. */
void rt_blocking_pool_finish(struct blocking_pool *pool);

#endif
