/*
 * For threads: blocking_mutex beside pthread's, and the way to the pool and
 * back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <pthread.h>
#include <stdio.h>

#include "bench.h"

#define ALONE_ROUNDS 10000000
#define THREADS 2
#define CONTENDED_ROUNDS 2000000
#define POOL_ROUNDS 20000

/* The same loops over two kinds of lock. */
struct shared {
    struct blocking_mutex ours;
    pthread_mutex_t posix;
    volatile uint64_t value;
};

static void *count_ours(void *arg)
{
    struct shared *shared = arg;

    for (int i = 0; i < CONTENDED_ROUNDS; i++) {
        blocking_mutex_lock(&shared->ours);
        shared->value++;
        blocking_mutex_unlock(&shared->ours);
    }
    return NULL;
}

static void *count_posix(void *arg)
{
    struct shared *shared = arg;

    for (int i = 0; i < CONTENDED_ROUNDS; i++) {
        pthread_mutex_lock(&shared->posix);
        shared->value++;
        pthread_mutex_unlock(&shared->posix);
    }
    return NULL;
}

static void contended(const char *measure, void *(*run)(void *))
{
    struct shared shared = {
        .ours = BLOCKING_MUTEX_INIT,
        .posix = PTHREAD_MUTEX_INITIALIZER,
    };
    uint64_t start_ns = bench_now_ns();
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, run, &shared);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    bench_print(measure, (double)(bench_now_ns() - start_ns) / THREADS /
                             CONTENDED_ROUNDS);
}

static void *has_waited(void *arg)
{
    return arg;
}

/* A second thread is there: glibc leaves the atomics out before. */
static void alone(void)
{
    struct blocking_mutex ours = BLOCKING_MUTEX_INIT;
    pthread_mutex_t posix = PTHREAD_MUTEX_INITIALIZER;
    uint64_t start_ns;
    pthread_t thread;

    pthread_create(&thread, NULL, has_waited, NULL);
    start_ns = bench_now_ns();
    for (int i = 0; i < ALONE_ROUNDS; i++) {
        blocking_mutex_lock(&ours);
        blocking_mutex_unlock(&ours);
    }
    bench_print("blocking_alone",
                (double)(bench_now_ns() - start_ns) / ALONE_ROUNDS);
    start_ns = bench_now_ns();
    for (int i = 0; i < ALONE_ROUNDS; i++) {
        pthread_mutex_lock(&posix);
        pthread_mutex_unlock(&posix);
    }
    bench_print("pthread:blocking_alone",
                (double)(bench_now_ns() - start_ns) / ALONE_ROUNDS);
    pthread_join(thread, NULL);
}

ASYNC static void *pool_run(void *arg)
{
    uint64_t start_ns = bench_now_ns();

    for (int i = 0; i < POOL_ROUNDS; i++)
        await rt_join(rt_spawn_blocking(has_waited, NULL), NULL);
    *(double *)arg = (double)(bench_now_ns() - start_ns) / POOL_ROUNDS;
    return NULL;
}

void bench_blocking(void)
{
    struct rt_config config = {.workers = 2};
    double ns;

    alone();
    contended("blocking_contended", count_ours);
    contended("pthread:blocking_contended", count_posix);
    if (rt_block_on(&config, pool_run, &ns) == 0)
        bench_print("spawn_blocking", ns);
}
