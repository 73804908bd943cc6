/*
 * A lock in one futex word, for threads: the heart of blocking_mutex.
 *
 * The word is LOCK_FREE, or the holder's mark, with LOCK_CONTENDED set when
 * somebody may be asleep on it. The mark is a number of 8 or more, of a
 * multiple of 4; it is there for the watchdog, the lock itself never compares
 * it.
 *
 * Who frees the word loads it and, if nobody sleeps, stores LOCK_FREE. Who goes
 * to sleep marks it with LOCK_CONTENDED, and that may come in between. So it
 * calls, and makes all threads fence, before it sleeps; the owner, once it has
 * stored, looks for calls (futex_call.h), and puts the mark back. That is one
 * locked instruction for a lock and an unlock, and none more where the kernel
 * has no membarrier but for an exchange. tests/models/futex_lock.pml is this.
 *
 * It barges: a woken sleeper has to compete with who comes just then. One that
 * has waited for long marks the word with LOCK_STARVING, and it is not freed
 * then, but given (LOCK_CONTENDED, without a holder) to those who have slept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FUTEX_LOCK_H
#define RT_FUTEX_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base.h"
#include "futex_call.h"

#define LOCK_FREE 0U
#define LOCK_CONTENDED 1U
#define LOCK_STARVING 2U
#define LOCK_HELD 8U /* the mark of a holder that has no number */

/* The holder's mark in a word, or 0. */
#define LOCK_HOLDER(word) ((word) & ~(LOCK_CONTENDED | LOCK_STARVING))

void rt_futex_lock_acquire_slowly(futex_lock *word, uint32_t mark);
void rt_futex_lock_release_slowly(futex_lock *word);
void rt_futex_lock_answer(futex_lock *word);

static inline bool futex_lock_try_acquire(futex_lock *word, uint32_t mark)
{
    uint32_t seen = LOCK_FREE;

    return atomic_compare_exchange_strong_explicit(
        word, &seen, mark, memory_order_acquire, memory_order_relaxed);
}

/* For who needs no holder's number in the word. */
static inline void futex_lock_acquire(futex_lock *word)
{
    if (SELDOM(!futex_lock_try_acquire(word, LOCK_HELD)))
        rt_futex_lock_acquire_slowly(word, LOCK_HELD);
}

/* The word may be gone as soon as it is stored to, with the next holder. */
static inline void futex_lock_release(futex_lock *word)
{
    uint32_t seen = atomic_load_explicit(word, memory_order_relaxed);

    if (SELDOM((seen & LOCK_CONTENDED) || !futex_stores_suffice())) {
        rt_futex_lock_release_slowly(word);
        return;
    }
    atomic_store_explicit(word, LOCK_FREE, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (SELDOM(futex_has_calls(word)))
        rt_futex_lock_answer(word);
}

#endif
