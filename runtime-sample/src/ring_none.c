/*
 * No io_uring: files go to the pool, sockets to the poller.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ring.h"

#include "ring_op.h"

void rt_ring_finish(struct ring *ring)
{
    (void)ring;
}

bool rt_ring_is_for_files(struct runtime *runtime)
{
    (void)runtime;
    return false;
}

bool rt_ring_is_for_sockets(struct runtime *runtime)
{
    (void)runtime;
    return false;
}

void rt_ring_make_room(struct ring *ring)
{
    (void)ring;
}

void rt_ring_add(struct ring *ring, struct ring_op *op)
{
    (void)ring;
    (void)op;
}

void rt_ring_cancel(struct ring *ring, struct ring_op *op)
{
    (void)ring;
    (void)op;
}

bool rt_ring_look_now(struct ring *ring)
{
    (void)ring;
    return false;
}

bool rt_ring_doze_begin(struct ring *ring)
{
    (void)ring;
    return true;
}

void rt_ring_doze_end(struct ring *ring)
{
    (void)ring;
}
