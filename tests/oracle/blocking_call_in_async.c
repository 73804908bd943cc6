/*
 * A journal in a real file, so that there is something to wait for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/blocking-call-in-async.c"

#include <stdio.h>

#include "oracle/oracle.h"

const int oracle_workers = 1;

ASYNC void *oracle_bad(void *arg)
{
    FILE *file = tmpfile();
    struct journal journal = {.file = file ? fileno(file) : -1};

    await bad(&journal);
    if (file)
        fclose(file);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    FILE *file = tmpfile();
    struct journal journal = {.file = file ? fileno(file) : -1};

    await good(&journal);
    if (file)
        fclose(file);
    return arg;
}
