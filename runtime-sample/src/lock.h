/*
 * A lock in one futex word: for the runtime's own short critical sections, and
 * the heart of blocking_mutex.
 *
 * The word is 0 when free, else the holder's mark with LOCK_CONTENDED set when
 * somebody may be asleep on it. The mark is any non-zero value without that
 * bit; it is there for the watchdog, the lock itself never compares it.
 *
 * A simple lock suffices inside the runtime: its critical sections are a few
 * loads and stores, never suspend and never block, so a holder is gone before
 * a waiter has spun to its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK_FREE 0U
#define LOCK_CONTENDED 1U

/* The mark under which the runtime holds its own locks. */
#define LOCK_INTERNAL 2U

typedef _Atomic uint32_t lock_word;

void rt_lock_acquire_slowly(lock_word *word, uint32_t mark);
void rt_lock_wake(lock_word *word);

static inline bool lock_try_acquire(lock_word *word, uint32_t mark)
{
    uint32_t seen = LOCK_FREE;

    return atomic_compare_exchange_strong_explicit(
        word, &seen, mark, memory_order_acquire, memory_order_relaxed);
}

static inline void lock_acquire(lock_word *word)
{
    if (!lock_try_acquire(word, LOCK_INTERNAL))
        rt_lock_acquire_slowly(word, LOCK_INTERNAL);
}

/* The word may be freed by the next holder as soon as it is exchanged: the
 * wake-up then goes to an address, not to an object. */
static inline void lock_release(lock_word *word)
{
    uint32_t old =
        atomic_exchange_explicit(word, LOCK_FREE, memory_order_release);

    if (old & LOCK_CONTENDED)
        rt_lock_wake(word);
}

#endif
