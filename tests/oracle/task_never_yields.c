/*
 * The task that ends the race has no thread to run on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/task-never-yields.c"

#include "oracle/oracle.h"

const int oracle_workers = 1;

static struct race race;

ASYNC static void *race_end(void *arg)
{
    await rt_sleep_ms(10);
    atomic_store(&race.is_over, true);
    return arg;
}

ASYNC void *oracle_bad(void *arg)
{
    struct rt_join_handle *end = rt_spawn(race_end, NULL);

    await bad(&race);
    await rt_join(end, NULL);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    struct rt_join_handle *end = rt_spawn(race_end, NULL);

    await good(&race);
    await rt_join(end, NULL);
    return arg;
}
