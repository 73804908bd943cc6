/*
 * A thread of the pool is busy with the session until the task has had its
 * turn; the task that waits for it stops its thread, and all tasks there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define EXAMPLE
#include "rules/blocking-lock-in-async.c"

#include <stdatomic.h>
#include <unistd.h>

#include "oracle/oracle.h"

const int oracle_workers = 1;

static struct session session;
static atomic_bool is_held;
static atomic_bool is_over;

static void *hold(void *arg)
{
    uint64_t start_ms = rt_now_ms();

    guard(blocking_mutex)(&session.lock);
    atomic_store(&is_held, true);
    while (!atomic_load(&is_over) && rt_now_ms() - start_ms < ORACLE_FOREVER_MS)
        usleep(1000);
    return arg;
}

ASYNC static struct rt_join_handle *holder_start(void)
{
    struct rt_join_handle *holder = rt_spawn_blocking(hold, NULL);

    while (!atomic_load(&is_held))
        await rt_sleep_ms(1);
    return holder;
}

ASYNC void *oracle_bad(void *arg)
{
    struct rt_join_handle *holder = await holder_start();

    await bad(&session);
    atomic_store(&is_over, true);
    await rt_join(holder, NULL);
    return arg;
}

ASYNC void *oracle_good(void *arg)
{
    struct rt_join_handle *holder = await holder_start();

    await good(&session);
    atomic_store(&is_over, true);
    await rt_join(holder, NULL);
    return arg;
}
