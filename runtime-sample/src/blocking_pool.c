/*
 * rt_spawn_blocking and the threads behind it.
 *
 * A pthread mutex and condition suffice: a job costs at least a system call
 * anyway, and the lock is only held to link and unlink.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "blocking_pool.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base.h"
#include "runtime.h"

/* The handle is the first member, see struct rt_task. */
struct blocking_job {
    struct rt_join_handle handle;
    struct blocking_job *next;
    rt_task_fn *fn;
    void *arg;
};

/* Threads of the pool keep theirs: no task runs on them. */
static _Thread_local struct rt_join_handle *thread_job;

struct rt_join_handle *rt_blocking_job_current(void)
{
    return thread_job;
}

static bool pool_add(struct blocking_pool *pool, struct blocking_job *job);
static void *pool_thread(void *arg);

void rt_blocking_pool_init(struct blocking_pool *pool, struct runtime *runtime,
                           int threads_max, uint32_t idle_ms_max)
{
    pthread_condattr_t attr;

    *pool = (struct blocking_pool){
        .runtime = runtime,
        .threads_max = threads_max,
        .idle_ms_max = idle_ms_max,
    };
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->job_added, &attr);
    pthread_cond_init(&pool->thread_ended, &attr);
    pthread_condattr_destroy(&attr);
}

struct rt_join_handle *rt_spawn_blocking(rt_task_fn *fn, void *arg)
{
    struct runtime *runtime = rt_runtime_current();
    struct blocking_job *job;

    if (!runtime) {
        errno = EPERM;
        return NULL;
    }
    job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    rt_handle_init(&job->handle, true);
    job->fn = fn;
    job->arg = arg;
    rt_runtime_live_add(runtime);
    if (!pool_add(&runtime->pool, job)) {
        rt_runtime_live_remove(runtime);
        free(job);
        errno = EAGAIN;
        return NULL;
    }
    return &job->handle;
}

static bool thread_start(struct blocking_pool *pool)
{
    pthread_t thread;
    bool is_started = pthread_create(&thread, NULL, pool_thread, pool) == 0;

    pool->threads += is_started;
    return is_started;
}

/* Fails only if the pool has no thread at all, and cannot start one. */
static bool pool_add(struct blocking_pool *pool, struct blocking_job *job)
{
    bool is_served = true;

    pthread_mutex_lock(&pool->lock);
    if (pool->idle <= pool->queued && pool->threads < pool->threads_max)
        is_served = thread_start(pool) || pool->threads > 0;
    if (is_served) {
        if (pool->first)
            pool->last->next = job;
        else
            pool->first = job;
        pool->last = job;
        pool->queued++;
        pthread_cond_signal(&pool->job_added);
    }
    pthread_mutex_unlock(&pool->lock);
    return is_served;
}

/* With the lock held. False when the thread has waited long enough. */
static bool job_await(struct blocking_pool *pool)
{
    uint64_t until_ns = rt_now_ns() + pool->idle_ms_max * NS_PER_MS;
    const struct timespec until = {
        .tv_sec = (time_t)(until_ns / (1000 * NS_PER_MS)),
        .tv_nsec = (long)(until_ns % (1000 * NS_PER_MS)),
    };
    int err = 0;

    pool->idle++;
    while (!pool->first && !pool->is_closing && err != ETIMEDOUT)
        err = pthread_cond_timedwait(&pool->job_added, &pool->lock, &until);
    pool->idle--;
    return pool->first || (!pool->is_closing && err != ETIMEDOUT);
}

static struct blocking_job *job_take(struct blocking_pool *pool)
{
    struct blocking_job *job = pool->first;

    assert(job);
    pool->first = job->next;
    pool->queued--;
    return job;
}

static void job_run(struct runtime *runtime, struct blocking_job *job)
{
    void *result;

    thread_job = &job->handle;
    result = job->fn(job->arg);
    thread_job = NULL;
    rt_handle_finish(&job->handle, result);
    rt_runtime_live_remove(runtime);
}

/* With the lock held, which it releases: the pool may be gone after that. */
static void thread_end(struct blocking_pool *pool)
{
    bool has_predecessor = pool->has_ended;
    pthread_t predecessor = pool->last_ended;

    pool->last_ended = pthread_self();
    pool->has_ended = true;
    pool->threads--;
    pthread_cond_signal(&pool->thread_ended);
    pthread_mutex_unlock(&pool->lock);
    if (has_predecessor)
        pthread_join(predecessor, NULL);
}

static void *pool_thread(void *arg)
{
    struct blocking_pool *pool = arg;

    rt_thread_belongs_to(pool->runtime, NULL);
    pthread_mutex_lock(&pool->lock);
    while (pool->first || job_await(pool)) {
        struct blocking_job *job = job_take(pool);

        pthread_mutex_unlock(&pool->lock);
        job_run(pool->runtime, job);
        pthread_mutex_lock(&pool->lock);
    }
    thread_end(pool);
    return NULL;
}

void rt_blocking_pool_finish(struct blocking_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    assert(!pool->first);
    pool->is_closing = true;
    pthread_cond_broadcast(&pool->job_added);
    while (pool->threads > 0)
        pthread_cond_wait(&pool->thread_ended, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    if (pool->has_ended)
        pthread_join(pool->last_ended, NULL);
    pthread_cond_destroy(&pool->job_added);
    pthread_cond_destroy(&pool->thread_ended);
    pthread_mutex_destroy(&pool->lock);
}
