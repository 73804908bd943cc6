/*
 * The configuration is gone when the task comes to look at it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/arc-not-cloned.c"

#include "oracle/oracle.h"

const int oracle_workers = 1;

ASYNC void *oracle_bad(void *arg)
{
    bad(arc_new(struct config, NULL));
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    good(arc_new(struct config, NULL));
    return arg;
}
