/*
 * The slow half of the futex lock: spin a little, then sleep; and wake.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "futex_lock.h"

#include <stddef.h>

/*
 * So often a taker looks, with longer and longer pauses: each look takes the
 * cache line from the holder, who has the lock again sooner without. The first
 * one is as long as a cache line needs from one processor to another, and
 * all together a few microseconds, which is what sleeping would cost.
 */
#define LOOKS 6
#define PAUSES_FIRST 8
#define PAUSES_MOST 64

/* Who has waited for so long and was woken in vain is given the lock. */
#define STARVING_NS (1 * NS_PER_MS)

/* Where the others cannot be made to fence any more. */
#define LOST_WAKE_MS 1

/* `mark` is what is to be in the word: contended if we have marked the word, as
 * others may then sleep and rely on us. */
struct taker {
    futex_lock *word;
    uint32_t mark;
    uint32_t expected; /* what the word was made */
    bool is_new_mark;
    uint64_t since_ns; /* 0: has not slept yet */
    struct futex_call call;
};

static void pause_for(int pauses)
{
    for (int i = 0; i < pauses; i++)
        cpu_relax();
}

/* Not if somebody sleeps: that one is to be woken first. */
static bool take_by_spinning(struct taker *taker)
{
    int pauses = PAUSES_FIRST;

    for (int look = 0; look < LOOKS; look++) {
        uint32_t seen;

        pause_for(pauses);
        seen = atomic_load_explicit(taker->word, memory_order_relaxed);
        if (seen == LOCK_FREE &&
            futex_lock_try_acquire(taker->word, taker->mark))
            return true;
        if (seen & LOCK_CONTENDED)
            return false;
        pauses = pauses < PAUSES_MOST ? pauses * 2 : PAUSES_MOST;
    }
    return false;
}

/* What the word should be; `seen` is what it is. */
static uint32_t word_wanted(const struct taker *taker, uint32_t seen)
{
    if (seen == LOCK_FREE)
        return taker->mark;
    if (seen == LOCK_CONTENDED && taker->since_ns != 0)
        return taker->mark;
    if (LOCK_HOLDER(seen) != 0 && taker->since_ns != 0 &&
        rt_now_ns() - taker->since_ns > STARVING_NS)
        return seen | LOCK_CONTENDED | LOCK_STARVING;
    return seen | LOCK_CONTENDED;
}

/* True if it has the lock; else the word is marked. */
static bool take_or_mark(struct taker *taker)
{
    uint32_t seen = atomic_load_explicit(taker->word, memory_order_relaxed);
    uint32_t wanted;

    do {
        wanted = word_wanted(taker, seen);
    } while (wanted != seen && !atomic_compare_exchange_weak_explicit(
                                   taker->word, &seen, wanted,
                                   memory_order_acquire, memory_order_relaxed));
    taker->expected = wanted;
    taker->is_new_mark = !(seen & LOCK_CONTENDED);
    return LOCK_HOLDER(seen) == 0 && LOCK_HOLDER(wanted) != 0;
}

/* If the mark is new the owner may not have seen it, and overwrite it. If it
 * is not, who has made it calls, or is awake to take the lock with it. */
static void sleep_on(struct taker *taker)
{
    bool can_fence = true;

    if (taker->is_new_mark && futex_stores_suffice()) {
        rt_futex_call(&taker->call, taker->word);
        can_fence = rt_fence_others();
    }
    if (taker->since_ns == 0)
        taker->since_ns = rt_now_ns();
    if (can_fence)
        rt_futex_wait(taker->word, taker->expected);
    else
        rt_futex_wait_ms(taker->word, taker->expected, LOST_WAKE_MS);
    taker->mark |= LOCK_CONTENDED;
}

/* Who has come as far as to mark the word takes it as contended: others may
 * sleep, and one wake-up too many is better than one too few. */
void rt_futex_lock_acquire_slowly(futex_lock *word, uint32_t mark)
{
    struct taker taker = {.word = word, .mark = mark};

    rt_fence_prepare();
    while (!take_by_spinning(&taker) && !take_or_mark(&taker))
        sleep_on(&taker);
    if (taker.since_ns != 0)
        rt_futex_call_end(&taker.call, word);
}

/* The owner has not stored yet, and sees the mark. The wake-up goes to an
 * address, not to an object, which may be gone. */
void rt_futex_lock_release_slowly(futex_lock *word)
{
    uint32_t seen = atomic_load_explicit(word, memory_order_relaxed);
    uint32_t left = seen & LOCK_STARVING ? LOCK_CONTENDED : LOCK_FREE;

    if (futex_stores_suffice())
        rt_futex_calls_drop(word);
    seen = atomic_exchange_explicit(word, left, memory_order_release);
    if (seen & LOCK_CONTENDED)
        rt_futex_wake(word, 1);
}

void rt_futex_lock_answer(futex_lock *word)
{
    if (rt_futex_call_hear(word, LOCK_CONTENDED, LOCK_HELD))
        rt_futex_lock_release_slowly(word);
}
