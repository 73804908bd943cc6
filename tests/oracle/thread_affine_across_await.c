/*
 * errno says nothing of the thread that it belongs to, so it is given a mark
 * that does: the call that may fail leaves one, and who reads errno checks it.
 * Between the two the task is to be carried to the other thread, which takes
 * it while its own is busy with another task.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <rt.h>
#include <unistd.h>

static struct rt_thread_bound failed_on;

#define dup2(from, to)                                                         \
    (failed_on = rt_thread_bound_here(), (dup2)((from), (to)))
#undef errno
#define errno (*(rt_thread_bound_check(&failed_on), __errno_location()))

#define EXAMPLE
#include "rules/thread-affine-across-await.c"

#include "oracle/oracle.h"

/* One is almost always enough. */
#define ROUNDS_BAD 2000
#define ROUNDS_GOOD 20

const int oracle_workers = 2;

static struct log nowhere = {.file = -1};

ASYNC static void *open_badly(void *arg)
{
    await bad(&nowhere);
    return arg;
}

ASYNC static void *open_well(void *arg)
{
    await good(&nowhere);
    return arg;
}

static void *keep_busy(void *arg)
{
    for (uint64_t start_ms = rt_now_ms(); rt_now_ms() - start_ms < 2;)
        continue;
    return arg;
}

ASYNC static void *rounds_run(rt_task_fn *entry, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        struct rt_join_handle *opener = rt_spawn(entry, NULL);
        struct rt_join_handle *one = rt_spawn(keep_busy, NULL);
        struct rt_join_handle *other = rt_spawn(keep_busy, NULL);

        await rt_join(opener, NULL);
        await rt_join(one, NULL);
        await rt_join(other, NULL);
    }
    return NULL;
}

ASYNC void *oracle_bad(void *arg)
{
    (void)arg;
    return await rounds_run(open_badly, ROUNDS_BAD);
}

ASYNC void *oracle_good(void *arg)
{
    (void)arg;
    return await rounds_run(open_well, ROUNDS_GOOD);
}
