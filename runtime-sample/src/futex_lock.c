/*
 * The slow half of the futex lock: spin a little, then sleep.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "futex_lock.h"

#include "base.h"
#include "lock.h"

/* About a microsecond: longer than a short critical section, shorter than the
 * four it takes to wake a sleeper. */
#define SPINS_MAX 40

static bool acquire_by_spinning(futex_lock *word, uint32_t mark)
{
    for (int spin = 0; spin < SPINS_MAX; spin++) {
        uint32_t seen = atomic_load_explicit(word, memory_order_relaxed);

        if (seen == LOCK_FREE && futex_lock_try_acquire(word, mark))
            return true;
        if (seen & LOCK_CONTENDED)
            return false;
        cpu_relax();
    }
    return false;
}

/*
 * Who has slept takes the lock as contended: it cannot know whether it was the
 * last sleeper, and one wake-up too many is better than one too few.
 */
void rt_futex_lock_acquire_slowly(futex_lock *word, uint32_t mark)
{
    uint32_t seen;

    if (acquire_by_spinning(word, mark))
        return;
    for (;;) {
        seen = LOCK_FREE;
        if (atomic_compare_exchange_strong_explicit(
                word, &seen, mark | LOCK_CONTENDED, memory_order_acquire,
                memory_order_relaxed))
            return;
        if ((seen & LOCK_CONTENDED) ||
            atomic_compare_exchange_strong_explicit(
                word, &seen, seen | LOCK_CONTENDED, memory_order_relaxed,
                memory_order_relaxed))
            rt_futex_wait(word, seen | LOCK_CONTENDED);
    }
}

void rt_futex_lock_wake(futex_lock *word)
{
    rt_futex_wake(word, 1);
}
