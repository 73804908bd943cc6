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

/* A thread that goes by time looks at the clock every so many rounds. */
#define ROUNDS_PER_LOOK 32
#define POOL_ROUNDS 20000

/* The same loops over two kinds of lock. */
struct shared {
    struct blocking_mutex ours;
    pthread_mutex_t posix;
    volatile uint64_t value;
};

static void count_ours(struct shared *shared, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        blocking_mutex_lock(&shared->ours);
        shared->value++;
        blocking_mutex_unlock(&shared->ours);
    }
}

static void count_posix(struct shared *shared, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        pthread_mutex_lock(&shared->posix);
        shared->value++;
        pthread_mutex_unlock(&shared->posix);
    }
}

struct contender {
    struct shared *shared;
    void (*count)(struct shared *shared, int rounds);
    uint64_t end_ns; /* 0: goes by rounds */
    uint64_t looks;
    pthread_t thread;
};

static void *contend(void *arg)
{
    struct contender *contender = arg;

    if (contender->end_ns == 0)
        contender->count(contender->shared, CONTENDED_ROUNDS);
    for (; bench_now_ns() < contender->end_ns; contender->looks++)
        contender->count(contender->shared, ROUNDS_PER_LOOK);
    return NULL;
}

static void contenders_run(struct contender contenders[THREADS],
                           struct contender first)
{
    struct shared shared = {
        .ours = BLOCKING_MUTEX_INIT,
        .posix = PTHREAD_MUTEX_INITIALIZER,
    };

    first.shared = &shared;
    for (int i = 0; i < THREADS; i++) {
        contenders[i] = first;
        pthread_create(&contenders[i].thread, NULL, contend, &contenders[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(contenders[i].thread, NULL);
}

/* By rounds how long one takes, by time how they are shared. */
static void contended(const char *peer,
                      void (*count)(struct shared *shared, int rounds))
{
    struct contender contenders[THREADS];
    struct contender first = {.count = count};
    uint64_t start_ns = bench_now_ns();
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;
    char measure[64];

    contenders_run(contenders, first);
    snprintf(measure, sizeof measure, "%sblocking_contended", peer);
    bench_print(measure, (double)(bench_now_ns() - start_ns) / THREADS /
                             CONTENDED_ROUNDS);
    first.end_ns = bench_now_ns() + (uint64_t)BENCH_MS * 1000000;
    contenders_run(contenders, first);
    for (int i = 0; i < THREADS; i++) {
        uint64_t looks = contenders[i].looks;

        least = looks < least ? looks : least;
        most = looks > most ? looks : most;
    }
    snprintf(measure, sizeof measure, "%sshare_blocking", peer);
    bench_print(measure, (double)least / (double)most);
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
    contended("", count_ours);
    contended("pthread:", count_posix);
    if (rt_block_on(&config, pool_run, &ns) == 0)
        bench_print("spawn_blocking", ns);
}
