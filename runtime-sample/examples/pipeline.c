/*
 * A pipeline: numbers are read, worked on, and added up, each stage a task of
 * its own with a bounded channel to the next. The work takes the processor for
 * long, so it is done on threads of the pool: the tasks only wait for it.
 *
 * The channels hold few values: a stage that is slow makes the ones before it
 * wait, instead of filling the memory. pipeline_bad.c works on the worker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>

#define NUMBERS 40
#define IN_FLIGHT 4

struct pipeline {
    struct mpsc numbers;
    struct mpsc results;
    long sum;
    int count;
};

/* How long the sequence of Collatz is from `start` on; stands for compressing
 * or encrypting something. Called where it may take long. */
static void *work(void *arg)
{
    long *number = arg;
    long value = *number;
    long steps = 0;

    for (; value != 1; steps++)
        value = value % 2 == 0 ? value / 2 : 3 * value + 1;
    *number = steps;
    return NULL;
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
        await rt_join(rt_spawn_blocking(work, &number), NULL);
        if (await mpsc_send(&pipeline->results, &number) != 0)
            break;
    }
    mpsc_close(&pipeline->results);
    return NULL;
}

ASYNC static void *add_up(void *arg)
{
    struct pipeline *pipeline = arg;
    long result;

    while (await mpsc_receive(&pipeline->results, &result) == 0) {
        pipeline->sum += result;
        pipeline->count++;
    }
    return NULL;
}

ASYNC static void *pipeline_run(void *arg)
{
    struct rt_join_handle *reader = rt_spawn(read_all, arg);
    struct rt_join_handle *worker = rt_spawn(work_on_all, arg);

    await add_up(arg);
    await rt_join(reader, NULL);
    await rt_join(worker, NULL);
    return NULL;
}

int main(void)
{
    struct pipeline pipeline = {.sum = 0};
    int status = 1;

    if (mpsc_init(&pipeline.numbers, sizeof(long), IN_FLIGHT) == 0 &&
        mpsc_init(&pipeline.results, sizeof(long), IN_FLIGHT) == 0)
        status = rt_block_on(NULL, pipeline_run, &pipeline);
    printf("%d numbers, sum %ld\n", pipeline.count, pipeline.sum);
    mpsc_destroy(&pipeline.numbers);
    mpsc_destroy(&pipeline.results);
    return status == 0 && pipeline.count == NUMBERS ? 0 : 1;
}
