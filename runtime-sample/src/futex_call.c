/*
 * The calls: short lists, each under a lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "futex_call.h"

#include <pthread.h>
#include <stddef.h>

struct futex_calls rt_futex_calls[FUTEX_CALLS];

static struct futex_call *calls_first(struct futex_calls *calls)
{
    return atomic_load_explicit(&calls->first, memory_order_relaxed);
}

static void calls_set(struct futex_calls *calls, struct futex_call *first)
{
    atomic_store_explicit(&calls->first, first, memory_order_relaxed);
}

/* In a new process the threads that called are not there. */
static void calls_forget(void)
{
    for (int i = 0; i < FUTEX_CALLS; i++) {
        calls_set(&rt_futex_calls[i], NULL);
        lock_release(&rt_futex_calls[i].lock);
    }
}

static void fork_prepare(void)
{
    pthread_atfork(NULL, NULL, calls_forget);
}

void rt_futex_call(struct futex_call *call, futex_lock *word)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct futex_calls *calls = futex_calls_for(word);

    pthread_once(&once, fork_prepare);
    lock_acquire(&calls->lock);
    if (!call->word) {
        call->word = word;
        call->next = calls_first(calls);
        calls_set(calls, call);
    }
    lock_release(&calls->lock);
}

/* With the list locked: takes out this call, or all for the lock. The order of
 * calls says nothing. */
static void calls_remove(struct futex_calls *calls,
                         const struct futex_call *one, const futex_lock *all_of)
{
    struct futex_call *kept = NULL;
    struct futex_call *next;

    for (struct futex_call *call = calls_first(calls); call; call = next) {
        next = call->next;
        if (call == one || call->word == all_of) {
            call->word = NULL;
        } else {
            call->next = kept;
            kept = call;
        }
    }
    calls_set(calls, kept);
}

void rt_futex_call_end(struct futex_call *call, const futex_lock *word)
{
    struct futex_calls *calls = futex_calls_for(word);

    lock_acquire(&calls->lock);
    if (call->word)
        calls_remove(calls, call, NULL);
    lock_release(&calls->lock);
}

void rt_futex_calls_drop(const futex_lock *word)
{
    struct futex_calls *calls = futex_calls_for(word);

    if (!futex_has_calls(word))
        return;
    lock_acquire(&calls->lock);
    calls_remove(calls, NULL, word);
    lock_release(&calls->lock);
}

static bool is_called(struct futex_calls *calls, const futex_lock *word)
{
    struct futex_call *call = calls_first(calls);

    while (call && call->word != word)
        call = call->next;
    return call != NULL;
}

/* If the lock has another owner by now, that one sees the mark, or overwrites
 * it and hears the call, which stays. */
static bool mark_or_take(futex_lock *word, uint32_t mark, uint32_t holder)
{
    uint32_t seen = atomic_load_explicit(word, memory_order_relaxed);

    while (!(seen & mark)) {
        uint32_t wanted = seen == 0 ? holder | mark : seen | mark;

        if (atomic_compare_exchange_weak_explicit(word, &seen, wanted,
                                                  memory_order_acq_rel,
                                                  memory_order_relaxed))
            return seen == 0;
    }
    return false;
}

bool rt_futex_call_hear(futex_lock *word, uint32_t mark, uint32_t holder)
{
    struct futex_calls *calls = futex_calls_for(word);
    bool is_owner;

    lock_acquire(&calls->lock);
    is_owner = is_called(calls, word) && mark_or_take(word, mark, holder);
    lock_release(&calls->lock);
    return is_owner;
}
