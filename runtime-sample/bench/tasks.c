/*
 * Tasks: switching, talking, starting and ending, waiting in great numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

#define SWITCHES 2000000
#define ROUND_TRIPS 1000000
#define SPAWNS 1000000
#define BATCH 1000
#define PARKED 100000
#define SLEEPERS 20000
#define SLEEPS 10

ASYNC static void *yields(void *arg)
{
    (void)arg;
    for (int i = 0; i < SWITCHES / 2; i++)
        await rt_yield();
    return NULL;
}

ASYNC static void *switch_run(void *arg)
{
    struct rt_join_handle *first = rt_spawn(yields, NULL);
    struct rt_join_handle *second = rt_spawn(yields, NULL);
    uint64_t start_ns = bench_now_ns();

    await rt_join(first, NULL);
    await rt_join(second, NULL);
    *(double *)arg = (double)(bench_now_ns() - start_ns) / SWITCHES;
    return NULL;
}

struct pair {
    struct mpsc there;
    struct mpsc back;
};

ASYNC static void *echoes(void *arg)
{
    struct pair *pair = arg;
    int value;

    while (await mpsc_receive(&pair->there, &value) == 0)
        await mpsc_send(&pair->back, &value);
    return NULL;
}

ASYNC static void *channel_run(void *arg)
{
    struct pair pair;
    struct rt_join_handle *other;
    uint64_t start_ns;
    int value = 0;

    if (mpsc_init(&pair.there, sizeof value, 1) != 0 ||
        mpsc_init(&pair.back, sizeof value, 1) != 0)
        abort();
    other = rt_spawn(echoes, &pair);
    start_ns = bench_now_ns();
    for (int i = 0; i < ROUND_TRIPS; i++) {
        await mpsc_send(&pair.there, &value);
        await mpsc_receive(&pair.back, &value);
    }
    *(double *)arg = (double)(bench_now_ns() - start_ns) / ROUND_TRIPS;
    mpsc_close(&pair.there);
    await rt_join(other, NULL);
    mpsc_destroy(&pair.there);
    mpsc_destroy(&pair.back);
    return NULL;
}

ASYNC static void *does_nothing(void *arg)
{
    return arg;
}

ASYNC static void *spawn_run(void *arg)
{
    struct rt_join_handle *handles[BATCH];
    uint64_t start_ns = bench_now_ns();

    for (int i = 0; i < SPAWNS / BATCH; i++) {
        for (int j = 0; j < BATCH; j++)
            handles[j] = rt_spawn(does_nothing, NULL);
        for (int j = 0; j < BATCH; j++)
            await rt_join(handles[j], NULL);
    }
    *(double *)arg = (double)(bench_now_ns() - start_ns) / SPAWNS;
    return NULL;
}

ASYNC static void *sleeps(void *arg)
{
    uint64_t number = (uint64_t)(uintptr_t)arg;

    for (uint64_t i = 1; i <= SLEEPS; i++)
        await rt_sleep_ms(1 + number * i % 20);
    return NULL;
}

/* Processor time, not wall time: nearly all of that is spent asleep. */
ASYNC static void *timers_run(void *arg)
{
    clock_t start = clock();
    struct rt_join_handle **handles = calloc(SLEEPERS, sizeof(*handles));

    for (uintptr_t i = 0; handles && i < SLEEPERS; i++)
        handles[i] = rt_spawn(sleeps, (void *)i);
    for (int i = 0; handles && i < SLEEPERS; i++)
        await rt_join(handles[i], NULL);
    *(double *)arg =
        (double)(clock() - start) * 1e9 / CLOCKS_PER_SEC / SLEEPERS / SLEEPS;
    free(handles);
    return NULL;
}

ASYNC static void *parks(void *arg)
{
    await semaphore_acquire(arg, 1);
    return NULL;
}

struct crowd {
    int tasks;
    double bytes_each;
};

ASYNC static void *parked_run(void *arg)
{
    struct crowd *crowd = arg;
    struct semaphore gate = {.permits = 0};
    struct rt_join_handle **handles =
        calloc((size_t)crowd->tasks, sizeof(*handles));
    double before = bench_resident_bytes();

    for (int i = 0; handles && i < crowd->tasks; i++)
        handles[i] = rt_spawn(parks, &gate);
    await rt_sleep_ms(100);
    crowd->bytes_each = (bench_resident_bytes() - before) / crowd->tasks;
    semaphore_release(&gate, (uint32_t)crowd->tasks);
    for (int i = 0; handles && i < crowd->tasks; i++)
        await rt_join(handles[i], NULL);
    free(handles);
    return NULL;
}

static void measure(const char *name, rt_task_fn *run, int workers)
{
    struct rt_config config = {.workers = workers, .drain = true};
    double ns;

    if (rt_block_on(&config, run, &ns) == 0)
        bench_print(name, ns);
}

void bench_tasks(void)
{
    measure("switch_1_worker", switch_run, 1);
    measure("switch_2_workers", switch_run, 2);
    measure("channel_1_worker", channel_run, 1);
    measure("channel_2_workers", channel_run, 2);
    measure("spawn_join_1_worker", spawn_run, 1);
    measure("spawn_join_2_workers", spawn_run, 2);
    measure("sleep_1_worker", timers_run, 1);
}

static void parked(const char *name, int tasks)
{
    struct crowd crowd = {.tasks = tasks};

    if (rt_block_on(NULL, parked_run, &crowd) == 0)
        bench_print(name, crowd.bytes_each);
}

void bench_memory(void)
{
    parked("parked_bytes", PARKED);
}

/* Some 4.3 GiB. */
void bench_million(void)
{
    parked("parked_million_bytes", 1000000);
}
