/*
 * async_mutex: alone, and among 2, 100 and 10 000 tasks that do nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define ALONE_ROUNDS 5000000

/* A task looks at the clock every so many rounds. */
#define ROUNDS_PER_LOOK 32

struct contest {
    struct async_mutex mutex;
    int tasks;
    atomic_int begun;
    uint64_t end_ns; /* written and read by owners of the mutex */
    uint64_t value;
    struct contestant *contestants;
};

struct contestant {
    struct contest *contest;
    uint64_t rounds;
};

ASYNC static void *alone_run(void *arg)
{
    struct async_mutex mutex = ASYNC_MUTEX_INIT;
    uint64_t start_ns = bench_now_ns();

    for (int i = 0; i < ALONE_ROUNDS; i++) {
        await async_mutex_lock(&mutex);
        async_mutex_unlock(&mutex);
    }
    *(double *)arg = (double)(bench_now_ns() - start_ns) / ALONE_ROUNDS;
    return NULL;
}

/* What one locked instruction and a store cost here: no lock that threads may
 * share can be had for less. */
static void cas_and_store(void)
{
    _Atomic uint32_t word = 0;
    uint64_t start_ns = bench_now_ns();
    double ns;

    for (int i = 0; i < ALONE_ROUNDS; i++) {
        uint32_t seen = 0;

        atomic_compare_exchange_strong_explicit(
            &word, &seen, 1, memory_order_acquire, memory_order_relaxed);
        atomic_store_explicit(&word, 0, memory_order_release);
    }
    ns = (double)(bench_now_ns() - start_ns) / ALONE_ROUNDS;
    bench_print("CAS:mutex_alone_1_worker", ns);
    bench_print("CAS:mutex_alone_2_workers", ns);
}

static void alone(const char *measure, int workers)
{
    struct rt_config config = {.workers = workers, .drain = true};
    double ns;

    if (rt_block_on(&config, alone_run, &ns) == 0)
        bench_print(measure, ns);
}

ASYNC static void *contend(void *arg)
{
    struct contestant *self = arg;
    struct contest *contest = self->contest;

    atomic_fetch_add(&contest->begun, 1);
    await async_mutex_lock(&contest->mutex);
    async_mutex_unlock(&contest->mutex);
    while (bench_now_ns() < contest->end_ns) {
        for (int i = 0; i < ROUNDS_PER_LOOK; i++) {
            await async_mutex_lock(&contest->mutex);
            contest->value++;
            async_mutex_unlock(&contest->mutex);
        }
        self->rounds += ROUNDS_PER_LOOK;
    }
    return NULL;
}

/* The time begins when all tasks have: to make them is another measure. */
ASYNC static void *contest_run(void *arg)
{
    struct contest *contest = arg;

    await async_mutex_lock(&contest->mutex);
    for (int i = 0; i < contest->tasks; i++) {
        contest->contestants[i].contest = contest;
        rt_detach(rt_spawn(contend, &contest->contestants[i]));
    }
    while (atomic_load(&contest->begun) < contest->tasks)
        await rt_yield();
    contest->end_ns = bench_now_ns() + (uint64_t)BENCH_MS * 1000000;
    async_mutex_unlock(&contest->mutex);
    return NULL;
}

/* Prints the time per lock and unlock of all tasks together, and the smallest
 * share as a part of the largest. */
static void contended(int tasks, int workers)
{
    struct rt_config config = {.workers = workers, .drain = true};
    struct contest contest = {.tasks = tasks};
    uint64_t least = UINT64_MAX;
    uint64_t most = 1;
    char measure[64];

    contest.contestants = calloc((size_t)tasks, sizeof *contest.contestants);
    if (!contest.contestants || rt_block_on(&config, contest_run, &contest))
        return;
    for (int i = 0; i < tasks; i++) {
        uint64_t rounds = contest.contestants[i].rounds;

        least = rounds < least ? rounds : least;
        most = rounds > most ? rounds : most;
    }
    snprintf(measure, sizeof measure, "mutex_%d_tasks_%d_workers", tasks,
             workers);
    bench_print(measure, BENCH_MS * 1e6 / (double)contest.value);
    snprintf(measure, sizeof measure, "share_%d_tasks_%d_workers", tasks,
             workers);
    bench_print(measure, (double)least / (double)most);
    free(contest.contestants);
}

void bench_mutex(void)
{
    static const int tasks[] = {2, 100, 10000};

    cas_and_store();
    alone("mutex_alone_1_worker", 1);
    alone("mutex_alone_2_workers", 2);
    for (int workers = 1; workers <= 2; workers++)
        for (int i = 0; i < 3; i++)
            contended(tasks[i], workers);
}
