/*
 * A world of tasks inside a task, which the runtime refuses: no page comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/block-on-in-async.c"

#include "oracle/oracle.h"

const int oracle_workers = 1;

ASYNC void *oracle_bad(void *arg)
{
    await bad(NULL, arg);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    await good(arg);
    return arg;
}
