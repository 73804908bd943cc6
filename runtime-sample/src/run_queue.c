/*
 * The seldom half of a worker's queue: growing, and being stolen from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_queue.h"

#include <assert.h>
#include <stdlib.h>

#include "base.h"

/* Two kilobytes; only programs with many ready tasks need more. */
#define SLOTS_FIRST 256

static struct run_ring *ring_make(uint64_t slots)
{
    struct run_ring *ring =
        calloc(1, sizeof *ring + (size_t)slots * sizeof ring->slots[0]);

    if (ring)
        ring->mask = slots - 1;
    return ring;
}

bool rt_run_queue_init(struct run_queue *queue, bool has_thieves)
{
    struct run_ring *ring = ring_make(SLOTS_FIRST);

    *queue = (struct run_queue){.has_thieves = has_thieves};
    atomic_init(&queue->ring, ring);
    return ring != NULL;
}

void rt_run_queue_finish(struct run_queue *queue)
{
    struct run_ring *ring = atomic_load(&queue->ring);

    assert(run_queue_is_empty(queue));
    while (ring) {
        struct run_ring *outgrown = ring->outgrown;

        free(ring);
        ring = outgrown;
    }
}

static struct rt_task *slot_get(struct run_ring *ring, uint64_t index)
{
    return atomic_load_explicit(&ring->slots[index & ring->mask],
                                memory_order_relaxed);
}

static void slot_set(struct run_ring *ring, uint64_t index,
                     struct rt_task *task)
{
    atomic_store_explicit(&ring->slots[index & ring->mask], task,
                          memory_order_relaxed);
}

/* What a thief takes meanwhile is copied in vain, but is no harm: `top` tells
 * that it is gone. */
struct run_ring *rt_run_queue_grow(struct run_queue *queue, uint64_t top,
                                   uint64_t bottom)
{
    struct run_ring *ring =
        atomic_load_explicit(&queue->ring, memory_order_relaxed);
    struct run_ring *grown = ring_make((ring->mask + 1) * 2);

    if (!grown)
        rt_die("no memory for %llu ready tasks",
               (unsigned long long)(bottom - top));
    for (uint64_t i = top; i < bottom; i++)
        slot_set(grown, i, slot_get(ring, i));
    grown->outgrown = ring;
    atomic_store_explicit(&queue->ring, grown, memory_order_release);
    return grown;
}

/* What is read from the ring is only believed if the top has not moved since:
 * the owner does not write to a slot before the top has passed it. */
unsigned rt_run_queue_steal(struct run_queue *queue,
                            struct rt_task *loot[STEAL_MAX], unsigned most)
{
    uint64_t top = atomic_load_explicit(&queue->top, memory_order_acquire);
    uint64_t bottom =
        atomic_load_explicit(&queue->bottom, memory_order_acquire);
    uint64_t count = bottom > top ? (bottom - top + 1) / 2 : 0;
    struct run_ring *ring;

    if (count == 0)
        return 0;
    assert(most <= STEAL_MAX);
    if (count > most)
        count = most;
    ring = atomic_load_explicit(&queue->ring, memory_order_acquire);
    for (uint64_t i = 0; i < count; i++)
        loot[i] = slot_get(ring, top + i);
    if (!atomic_compare_exchange_strong_explicit(&queue->top, &top, top + count,
                                                 memory_order_acq_rel,
                                                 memory_order_relaxed))
        return 0;
    return (unsigned)count;
}
