/*
 * The counter without a lock: one number that tasks only add to is an atomic.
 *
 * counter.c needs its mutex, as two fields change together. Here each change is
 * one instruction, nobody waits, and there is nothing to hold across an await.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdatomic.h>
#include <stdio.h>

#define TASKS 4
#define ROUNDS 1000

struct counter {
    atomic_long total;
};

ASYNC static void *count(void *arg)
{
    struct counter *counter = arg;

    for (int i = 0; i < ROUNDS; i++) {
        atomic_fetch_add_explicit(&counter->total, 2, memory_order_relaxed);
        await rt_yield();
    }
    return NULL;
}

/* Joining makes what the tasks did visible: relaxed is enough above. */
ASYNC static void *count_together(void *arg)
{
    struct rt_join_handle *handles[TASKS];

    for (int i = 0; i < TASKS; i++)
        handles[i] = rt_spawn(count, arg);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

int main(void)
{
    const struct rt_config config = {.workers = 2};
    struct counter counter = {.total = 0};

    if (rt_block_on(&config, count_together, &counter) != 0)
        return 1;
    printf("%ld without a lock\n", atomic_load(&counter.total));
    return atomic_load(&counter.total) == 2L * TASKS * ROUNDS ? 0 : 1;
}
