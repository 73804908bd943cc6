/*
 * The counter with a mistake: who adds has the lock, and asks for the sum by a
 * function that takes it, too. The task waits for itself, for ever, and all the
 * others wait behind it. In counter.c the sum is read by who has the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <rt.h>

#include <stdio.h>

#define TASKS 4
#define ROUNDS 1000
#define MILESTONE 500

/* `total` and `rounds` change together; the lock keeps them in step. */
struct counter {
    struct async_mutex lock;
    long total;
    long rounds;
    long milestones;
};

ASYNC static long counter_total(struct counter *counter)
{
    await guard(async_mutex)(&counter->lock);

    return counter->total;
}

ASYNC static void counter_add(struct counter *counter, long amount)
{
    await guard(async_mutex)(&counter->lock);

    counter->total += amount;
    counter->rounds++;
    if (counter->rounds % MILESTONE == 0)
        counter->milestones = await counter_total(counter); /* has it */
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
    return 0;
}
