/*
 * The lock for the runtime's own short critical sections: it spins.
 *
 * A simple lock suffices inside the runtime: its critical sections are a few
 * loads and stores, never suspend and never block, so a holder is gone before
 * a waiter has begun to wait, unless the kernel has stopped it in between;
 * then the waiter sleeps for a moment, again and again. There is nobody to
 * wake, so giving the lock back is a plain store: half the price of a lock
 * that has sleepers, and it is taken several times for each switch of tasks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base.h"

/* 0: free. */
typedef _Atomic uint32_t lock_word;

void rt_lock_acquire_slowly(lock_word *word);

/* On the processor: this thread waits for another one. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__)
    __asm__ volatile("pause");
#else
    __asm__ volatile("yield");
#endif
}

static inline bool lock_try_acquire(lock_word *word)
{
    return atomic_exchange_explicit(word, 1, memory_order_acquire) == 0;
}

static inline void lock_acquire(lock_word *word)
{
    if (SELDOM(!lock_try_acquire(word)))
        rt_lock_acquire_slowly(word);
}

/* The next holder may free the word's memory: it is not touched again. */
static inline void lock_release(lock_word *word)
{
    atomic_store_explicit(word, 0, memory_order_release);
}

#endif
