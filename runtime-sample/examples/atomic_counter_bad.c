/*
 * The counter of one number, behind a lock that guards nothing else. It counts
 * right, and every addition may have to wait for its turn: atomic_counter.c is
 * the repair.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>

#define TASKS 4
#define ROUNDS 1000

struct counter {
    struct async_mutex lock;
    long total;
};

ASYNC static void counter_add(struct counter *counter, long amount)
{
    await async_mutex_lock(&counter->lock);
    counter->total += amount;
    async_mutex_unlock(&counter->lock);
}

ASYNC static long counter_total(struct counter *counter)
{
    await guard(async_mutex)(&counter->lock);

    return counter->total;
}

ASYNC static void *count(void *arg)
{
    struct counter *counter = arg;

    for (int i = 0; i < ROUNDS; i++) {
        await counter_add(counter, 2);
        await rt_yield();
    }
    return NULL;
}

ASYNC static void *count_together(void *arg)
{
    struct rt_join_handle *handles[TASKS];

    for (int i = 0; i < TASKS; i++)
        handles[i] = rt_spawn(count, arg);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    printf("%ld with a lock\n", await counter_total(arg));
    return NULL;
}

int main(void)
{
    const struct rt_config config = {.workers = 2};
    struct counter counter = {.lock = ASYNC_MUTEX_INIT};

    return rt_block_on(&config, count_together, &counter) == 0 ? 0 : 1;
}
