/*
 * The first task is refused and keeps the lock; the second never gets it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/lock-leak.c"

#include "oracle/oracle.h"

const int oracle_workers = 2;

static struct store store;

ASYNC static void *add_badly(void *amount)
{
    await bad(&store, *(const int *)amount);
    return NULL;
}

ASYNC static void *add_well(void *amount)
{
    await good(&store, *(const int *)amount);
    return NULL;
}

ASYNC static void *two_run(rt_task_fn *entry)
{
    int refused = -1;
    int taken = 1;

    await rt_join(rt_spawn(entry, &refused), NULL);
    await rt_join(rt_spawn(entry, &taken), NULL);
    return NULL;
}

ASYNC void *oracle_bad(void *arg)
{
    (void)arg;
    return await two_run(add_badly);
}

ASYNC void *oracle_good(void *arg)
{
    (void)arg;
    return await two_run(add_well);
}
