/*
 * An empty queue: the task waits for itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/self-deadlock.c"

#include "oracle/oracle.h"

const int oracle_workers = 1;

static struct queue queue;

ASYNC void *oracle_bad(void *arg)
{
    await bad(&queue);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    await good(&queue);
    return arg;
}
