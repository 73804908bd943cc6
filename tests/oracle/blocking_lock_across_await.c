/*
 * Two tasks on one thread want the room. The second stops the thread on which
 * the first, which holds the lock, would have to go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/blocking-lock-across-await.c"

#include "oracle/oracle.h"

const int oracle_workers = 1;

static struct room room;

ASYNC static void *enter_badly(void *arg)
{
    await bad(&room);
    return arg;
}

ASYNC static void *enter_well(void *arg)
{
    await good(&room);
    return arg;
}

ASYNC void *oracle_bad(void *arg)
{
    await oracle_two_run(enter_badly);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    await oracle_two_run(enter_well);
    return arg;
}
