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
#include <stdint.h>

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

/* For the owner. Returns how many tasks there are now, at most: a thief may
 * have taken some meanwhile. If that is more than one, the addition is ordered
 * before any later look at who sleeps, see idle.h. */
uint64_t rt_run_queue_add(struct run_queue *queue, struct rt_task *task);

/* For the owner; NULL if it is empty. */
struct rt_task *rt_run_queue_take(struct run_queue *queue);

/* For thieves: moves the older half to `loot`, and returns how many there are;
 * 0 also when somebody else was faster. */
unsigned rt_run_queue_steal(struct run_queue *queue,
                            struct rt_task *loot[STEAL_MAX]);

/* Any thread. */
bool rt_run_queue_is_empty(struct run_queue *queue);

#endif
