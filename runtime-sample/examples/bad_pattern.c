/*
 * An async lock held across an await that has nothing to do with it.
 *
 * Four sensors report to one log and then pause. The guard is alive during the
 * pause, so each sensor also waits for the pauses of all the others. Nothing
 * freezes, as the lock is an async one; everything just takes its turn, four
 * times as long. good_pattern.c is the repair.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>

#define SENSORS 4
#define PAUSE_MS 20

/* `count` and `sum` change together; the lock keeps them in step. */
struct log {
    struct async_mutex lock;
    int count;
    int sum;
};

ASYNC static void log_report(struct log *log, int value)
{
    await guard(async_mutex)(&log->lock);
    log->count++;
    log->sum += value;
    await rt_sleep_ms(PAUSE_MS); /* everybody else waits for this nap */
}

ASYNC static void *sensor_run(void *arg)
{
    await log_report(arg, 7);
    return NULL;
}

ASYNC static void *sensors_run(void *arg)
{
    struct rt_join_handle *sensors[SENSORS];

    for (int i = 0; i < SENSORS; i++)
        sensors[i] = rt_spawn(sensor_run, arg);
    for (int i = 0; i < SENSORS; i++)
        await rt_join(sensors[i], NULL);
    return NULL;
}

int main(void)
{
    struct log log = {.lock = ASYNC_MUTEX_INIT};
    uint64_t start_ms = rt_now_ms();

    if (rt_block_on(NULL, sensors_run, &log) != 0)
        return 1;
    printf("%d reports, sum %d, after %d ms\n", log.count, log.sum,
           (int)(rt_now_ms() - start_ms));
    return log.count == SENSORS ? 0 : 1;
}
