/*
 * A lock in one futex word, for threads: the heart of blocking_mutex.
 *
 * The word is 0 when free, else the holder's mark with LOCK_CONTENDED set when
 * somebody may be asleep on it. The mark is any non-zero value without that
 * bit; it is there for the watchdog, the lock itself never compares it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FUTEX_LOCK_H
#define RT_FUTEX_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK_FREE 0U
#define LOCK_CONTENDED 1U

typedef _Atomic uint32_t futex_lock;

void rt_futex_lock_acquire_slowly(futex_lock *word, uint32_t mark);
void rt_futex_lock_wake(futex_lock *word);

static inline bool futex_lock_try_acquire(futex_lock *word, uint32_t mark)
{
    uint32_t seen = LOCK_FREE;

    return atomic_compare_exchange_strong_explicit(
        word, &seen, mark, memory_order_acquire, memory_order_relaxed);
}

/* For who needs no holder's number in the word. */
static inline void futex_lock_acquire(futex_lock *word)
{
    if (!futex_lock_try_acquire(word, LOCK_CONTENDED << 1))
        rt_futex_lock_acquire_slowly(word, LOCK_CONTENDED << 1);
}

/* The word may be freed by the next holder as soon as it is exchanged: the
 * wake-up then goes to an address, not to an object. */
static inline void futex_lock_release(futex_lock *word)
{
    uint32_t old =
        atomic_exchange_explicit(word, LOCK_FREE, memory_order_release);

    if (old & LOCK_CONTENDED)
        rt_futex_lock_wake(word);
}

#endif
