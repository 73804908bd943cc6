/*
 * The pipeline of pipeline.c, with the mistake that it repairs: the slow step
 * is called from the task. It blocks the worker, and with it the heartbeat,
 * which should tick every few milliseconds whatever the others do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>
#include <unistd.h>

#define NUMBERS 10
#define BEAT_MS 5
#define WORK_US 20000

struct pipeline {
    struct mpsc numbers;
    struct mpsc results;
    bool is_finished;
    int64_t missed;
    int count;
};

/* Stands for a call into a library that waits for a device. */
static void work(long *number)
{
    usleep(WORK_US);
    *number *= *number;
}

ASYNC static void *read_all(void *arg)
{
    struct pipeline *pipeline = arg;

    for (long number = 1; number <= NUMBERS; number++)
        if (await mpsc_send(&pipeline->numbers, &number) != 0)
            break;
    mpsc_close(&pipeline->numbers);
    return NULL;
}

ASYNC static void *work_on_all(void *arg)
{
    struct pipeline *pipeline = arg;
    long number;

    while (await mpsc_receive(&pipeline->numbers, &number) == 0) {
        work(&number); /* nothing else runs meanwhile */
        if (await mpsc_send(&pipeline->results, &number) != 0)
            break;
    }
    mpsc_close(&pipeline->results);
    return NULL;
}

ASYNC static void *beat(void *arg)
{
    struct pipeline *pipeline = arg;
    struct rt_interval interval;

    rt_interval_init(&interval, BEAT_MS);
    while (!pipeline->is_finished)
        pipeline->missed += await rt_interval_tick(&interval);
    return NULL;
}

ASYNC static void *pipeline_run(void *arg)
{
    struct pipeline *pipeline = arg;
    struct rt_join_handle *heart = rt_spawn(beat, arg);
    struct rt_join_handle *reader = rt_spawn(read_all, arg);
    struct rt_join_handle *worker = rt_spawn(work_on_all, arg);
    long result;

    while (await mpsc_receive(&pipeline->results, &result) == 0)
        pipeline->count++;
    pipeline->is_finished = true;
    await rt_join(reader, NULL);
    await rt_join(worker, NULL);
    await rt_join(heart, NULL);
    return NULL;
}

int main(void)
{
    struct pipeline pipeline = {.count = 0};
    int status = 1;

    if (mpsc_init(&pipeline.numbers, sizeof(long), NUMBERS) == 0 &&
        mpsc_init(&pipeline.results, sizeof(long), NUMBERS) == 0)
        status = rt_block_on(NULL, pipeline_run, &pipeline);
    printf("%d numbers, %s\n", pipeline.count,
           pipeline.missed > 0 ? "the heart missed beats" : "every beat heard");
    mpsc_destroy(&pipeline.numbers);
    mpsc_destroy(&pipeline.results);
    return status == 0 && pipeline.count == NUMBERS ? 0 : 1;
}
