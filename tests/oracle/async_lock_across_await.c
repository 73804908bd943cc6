/*
 * Who wants the cache waits as long as another task has nothing to do with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/async-lock-across-await.c"

#include "oracle/oracle.h"

const int oracle_workers = 2;

static struct cache cache;

ASYNC static void *use_badly(void *arg)
{
    await bad(&cache);
    return arg;
}

ASYNC static void *use_well(void *arg)
{
    await good(&cache);
    return arg;
}

ASYNC void *oracle_bad(void *arg)
{
    await oracle_two_run(use_badly);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    await oracle_two_run(use_well);
    return arg;
}
