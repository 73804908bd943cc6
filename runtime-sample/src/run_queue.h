/*
 * A worker's queue of ready tasks, from which other workers steal: the deque
 * of Chase and Lev (2005), in the C11 form of Le, Pop, Cohen and Zappa Nardelli
 * (2013), but with one end for everybody who takes.
 *
 * The owner adds at the bottom; owner and thieves take from the top. Tasks run
 * in the order in which they became ready, which is what rt_yield promises; the
 * owner of the original takes at the bottom, the newest first, for which it
 * needs a full fence, dearer than the compare-and-swap here. As nothing is ever
 * taken at the bottom, a thief may take several tasks by one compare-and-swap.
 *
 * The ring grows and never shrinks; what it has outgrown is kept until the end,
 * as a thief may still be reading there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_RUN_QUEUE_H
#define RT_RUN_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base.h"

struct rt_task;

/* At most so many tasks are stolen at a time; half of the queue if that is
 * less. The others have to stay for the next thief. */
#define STEAL_MAX 32

struct run_ring {
    struct run_ring *outgrown;
    uint64_t mask; /* its size is a power of two */
    _Atomic(struct rt_task *) slots[];
};

/* The tasks are at [top, bottom), indices taken modulo the ring's size. Both
 * only grow. `bottom` and `ring` are written by the owner alone. */
struct run_queue {
    _Atomic uint64_t top;
    _Atomic uint64_t bottom;
    _Atomic(struct run_ring *) ring;
    bool has_thieves; /* without, the owner needs no locked instruction */
};

/* False: no memory. finish: the queue must be empty; accepts a zeroed one. */
bool rt_run_queue_init(struct run_queue *queue, bool has_thieves);
void rt_run_queue_finish(struct run_queue *queue);

/* For the owner: room for one more, which is then the size. */
struct run_ring *rt_run_queue_grow(struct run_queue *queue, uint64_t top,
                                   uint64_t bottom);

/* For the owner. Returns how many tasks there are now, at most: a thief may
 * have taken some meanwhile. If that is more than one, the addition is ordered
 * before any later look at who sleeps, see idle.h.
 *
 * Acquires the top: thieves have read what they took from the slot that is
 * written now. The exchange is a store and a full fence in one. */
static inline uint64_t run_queue_add(struct run_queue *queue,
                                     struct rt_task *task)
{
    uint64_t bottom =
        atomic_load_explicit(&queue->bottom, memory_order_relaxed);
    uint64_t top = atomic_load_explicit(&queue->top, memory_order_acquire);
    struct run_ring *ring =
        atomic_load_explicit(&queue->ring, memory_order_relaxed);
    uint64_t count = bottom + 1 - top;

    if (SELDOM(count > ring->mask + 1))
        ring = rt_run_queue_grow(queue, top, bottom);
    atomic_store_explicit(&ring->slots[bottom & ring->mask], task,
                          memory_order_relaxed);
    if (SELDOM(queue->has_thieves) && count > 1)
        atomic_exchange(&queue->bottom, bottom + 1);
    else
        atomic_store_explicit(&queue->bottom, bottom + 1, memory_order_release);
    return count;
}

/* For the owner; NULL if it is empty. */
static inline struct rt_task *run_queue_take(struct run_queue *queue)
{
    uint64_t bottom =
        atomic_load_explicit(&queue->bottom, memory_order_relaxed);
    uint64_t top = atomic_load_explicit(&queue->top, memory_order_acquire);
    struct run_ring *ring =
        atomic_load_explicit(&queue->ring, memory_order_relaxed);

    while (OFTEN(top < bottom)) {
        struct rt_task *task = atomic_load_explicit(
            &ring->slots[top & ring->mask], memory_order_relaxed);

        if (OFTEN(!queue->has_thieves)) {
            atomic_store_explicit(&queue->top, top + 1, memory_order_relaxed);
            return task;
        }
        if (atomic_compare_exchange_strong_explicit(&queue->top, &top, top + 1,
                                                    memory_order_acq_rel,
                                                    memory_order_acquire))
            return task;
    }
    return NULL;
}

/* For thieves: moves the older half to `loot`, but at most `most` tasks, and
 * returns how many there are; 0 also when somebody else was faster. */
unsigned rt_run_queue_steal(struct run_queue *queue,
                            struct rt_task *loot[STEAL_MAX], unsigned most);

/* Any thread. */
static inline bool run_queue_is_empty(struct run_queue *queue)
{
    uint64_t top = atomic_load(&queue->top);

    return top >= atomic_load(&queue->bottom);
}

#endif
