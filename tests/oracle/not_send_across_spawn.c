/*
 * Two workers: the count of a task is changed by another one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/not-send-across-spawn.c"

#include "oracle/oracle.h"

const int oracle_workers = 2;

ASYNC void *oracle_bad(void *arg)
{
    await bad();
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    await good();
    return arg;
}
