/*
 * The slow half of the spinning lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lock.h"

#include <sched.h>
#include <time.h>

/* A few microseconds: many critical sections long. */
#define SPINS_MAX 200

/* The holder is not running: let it. Where it has a lower priority yielding is
 * not enough, so sleep after some times. */
#define YIELDS_MAX 20
#define SLEEP_NS 50000

static void waiter_pause(int *turn)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = SLEEP_NS};

    if (*turn < SPINS_MAX)
        cpu_relax();
    else if (*turn < SPINS_MAX + YIELDS_MAX)
        sched_yield();
    else
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    if (*turn < SPINS_MAX + YIELDS_MAX)
        ++*turn;
}

/* Looks before it tries: to try takes the cache line from the holder. */
void rt_lock_acquire_slowly(lock_word *word)
{
    int turn = 0;

    do {
        while (atomic_load_explicit(word, memory_order_relaxed) != 0)
            waiter_pause(&turn);
    } while (!lock_try_acquire(word));
}
