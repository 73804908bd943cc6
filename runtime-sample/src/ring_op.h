/*
 * One call that goes through the ring, and the task that waits for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_RING_OP_H
#define RT_RING_OP_H

#include <stdbool.h>

#include "ring.h"
#include "wait.h"

/* A call under way, on the stack of the task that waits for it, in a list that
 * somebody else's lock guards, as it does `is_done`. Until then the kernel has
 * the caller's memory, and the task must not go on. */
struct ring_op {
    struct rt_wait wait;
    struct ring_call *call;
    lock_word *lock;
    struct rt_wait_list *list;
    bool is_done;
};

/* With no lock held, before a call is added: hands over what is queued if that
 * is much. */
void rt_ring_make_room(struct ring *ring);

/* With op->lock held, and op->wait in op->list: queues the call. Its end claims
 * the wait if that is still in the list. */
void rt_ring_add(struct ring *ring, struct ring_op *op);

/* Asks the kernel to end the call soon, in one way or another. */
void rt_ring_cancel(struct ring *ring, struct ring_op *op);

#endif
