/*
 * Calls to the owner of a futex lock, who frees it by a plain store and may
 * not see the mark of somebody who goes to sleep; see futex_lock.h.
 *
 * A call is on the stack of the thread that waits. It is not in the lock, whose
 * memory may be given back by the next owner as soon as it is free; but where
 * there is a call, somebody waits, and so the lock is there.
 *
 * One call is enough for all that wait, as who is woken goes on to care for the
 * others. An owner that has seen the mark wakes one, and drops the calls: it
 * has not stored, and later ones are for those who come later.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FUTEX_CALL_H
#define RT_FUTEX_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lock.h"
#include "sanitizer.h"

typedef _Atomic uint32_t futex_lock;

/* `word` is NULL when it was not made, or was dropped. */
struct futex_call {
    struct futex_call *next;
    futex_lock *word;
};

/* The calls of some locks, by their addresses; a line of its own, as all who
 * unlock one of them read `first`, without the lock. */
struct futex_calls {
    _Alignas(64) _Atomic(struct futex_call *) first;
    lock_word lock;
};

#define FUTEX_CALLS 64
extern struct futex_calls rt_futex_calls[FUTEX_CALLS];

static inline struct futex_calls *futex_calls_for(const futex_lock *word)
{
    return &rt_futex_calls[((uintptr_t)word >> 6) % FUTEX_CALLS];
}

static inline bool futex_has_calls(const futex_lock *word)
{
    return atomic_load_explicit(&futex_calls_for(word)->first,
                                memory_order_relaxed) != NULL;
}

/* May a plain store free a lock? TSan knows no fences of other threads. */
static inline bool futex_stores_suffice(void)
{
    return rt_fence_is_remote && !SANITIZER_IS_TSAN;
}

/* May have been made, and dropped, before. */
void rt_futex_call(struct futex_call *call, futex_lock *word);

/* If it is still there. */
void rt_futex_call_end(struct futex_call *call, const futex_lock *word);

void rt_futex_calls_drop(const futex_lock *word);

/* If there is a call for the lock: marks it with `mark`, or, if it is free,
 * takes it with `holder`, too, and returns true. */
bool rt_futex_call_hear(futex_lock *word, uint32_t mark, uint32_t holder);

#endif
