/*
 * Four tasks count together, on two workers, behind an async mutex.
 *
 * The lock is held for two statements and never across an await, so nobody
 * waits long and nothing can get stuck.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>

#define TASKS 4
#define ROUNDS 1000

/* `total` and `rounds` change together; the lock keeps them in step. */
struct counter {
    struct async_mutex lock;
    long total;
    long rounds;
};

ASYNC static void counter_add(struct counter *counter, long amount)
{
    await guard(async_mutex)(&counter->lock);

    counter->total += amount;
    counter->rounds++;
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
    return NULL;
}

int main(void)
{
    const struct rt_config config = {.workers = 2};
    struct counter counter = {.lock = ASYNC_MUTEX_INIT};

    if (rt_block_on(&config, count_together, &counter) != 0)
        return 1;
    printf("%ld in %ld rounds\n", counter.total, counter.rounds);
    async_mutex_destroy(&counter.lock);
    return counter.total == 2L * TASKS * ROUNDS ? 0 : 1;
}
