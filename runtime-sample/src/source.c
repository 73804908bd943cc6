/*
 * Opening, naming, waiting for and closing sources.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "runtime.h"
#include "wait.h"

/* The block of a slot: 0 has the first 64, 1 the next 128, and so on. */
static unsigned block_of(uint32_t slot, uint32_t *index)
{
    unsigned block =
        31 - (unsigned)__builtin_clz(slot / SOURCE_BLOCK_FIRST + 1);

    *index = slot - (SOURCE_BLOCK_FIRST << block) + SOURCE_BLOCK_FIRST;
    return block;
}

/* NULL if its block is not there. */
static struct source *source_at(struct sources *sources, uint32_t slot)
{
    struct source_cell *cells;
    uint32_t index;
    unsigned block = block_of(slot, &index);

    if (block >= SOURCE_BLOCKS)
        return NULL;
    cells = atomic_load_explicit(&sources->blocks[block], memory_order_acquire);
    return cells ? &cells[index].source : NULL;
}

/* With the sources locked. */
static bool block_make(struct sources *sources, unsigned block)
{
    size_t size = sizeof(struct source_cell) * (SOURCE_BLOCK_FIRST << block);
    struct source_cell *cells;

    if (block >= SOURCE_BLOCKS)
        return false;
    cells = aligned_alloc(_Alignof(struct source_cell), size);
    if (!cells)
        return false;
    memset(cells, 0, size);
    atomic_store_explicit(&sources->blocks[block], cells, memory_order_release);
    return true;
}

/* With the sources locked. */
static struct source *source_make(struct sources *sources)
{
    uint32_t index;
    unsigned block = block_of(sources->count, &index);
    struct source *source;

    if (index == 0 && !block_make(sources, block))
        return NULL;
    source = source_at(sources, sources->count);
    source->sources = sources;
    source->fd = -1;
    source->slot = sources->count++;
    return source;
}

static struct source *source_allocate(struct sources *sources)
{
    struct source *source;

    lock_acquire(&sources->lock);
    source = sources->first_free;
    if (source)
        sources->first_free = source->next_free;
    else
        source = source_make(sources);
    lock_release(&sources->lock);
    return source;
}

static void source_free(struct source *source)
{
    struct sources *sources = source->sources;

    lock_acquire(&sources->lock);
    source->next_free = sources->first_free;
    sources->first_free = source;
    lock_release(&sources->lock);
}

int rt_source_open(struct sources *sources, int fd, struct source_name *name)
{
    struct source *source = source_allocate(sources);

    if (!source) {
        close(fd);
        return -ENOMEM;
    }
    lock_acquire(&source->lock);
    source->fd = fd;
    source->users = 1;
    source->is_closed = source->is_polled = false;
    name->slot = source->slot;
    name->generation = ++source->generation;
    lock_release(&source->lock);
    return 0;
}

int rt_source_poll(struct source *source)
{
    struct runtime *runtime = rt_runtime_current();
    int status = 0;

    lock_acquire(&source->lock);
    if (!source->is_polled) {
        atomic_store_explicit(&source->sources->is_used, true,
                              memory_order_relaxed);
        status = rt_poller_add(&runtime->poller, source, source->fd);
        source->is_polled = status == 0;
    }
    lock_release(&source->lock);
    return status;
}

static struct source *source_get(struct sources *sources,
                                 struct source_name name)
{
    struct source *source = source_at(sources, name.slot);

    if (!source)
        return NULL;
    lock_acquire(&source->lock);
    if (source->is_closed || source->generation != name.generation ||
        source->users == 0) {
        lock_release(&source->lock);
        return NULL;
    }
    source->users++;
    lock_release(&source->lock);
    return source;
}

struct source *rt_source_find(uint32_t slot, uint32_t generation)
{
    struct runtime *runtime = rt_runtime_current();
    struct source_name name = {slot, generation};

    return runtime ? source_get(&runtime->sources, name) : NULL;
}

/* Closing in the kernel also takes the descriptor out of the poller. */
void rt_source_put(struct source *source)
{
    int fd = -1;

    lock_acquire(&source->lock);
    assert(source->users > 0);
    if (--source->users == 0) {
        fd = source->fd;
        source->fd = -1;
    }
    lock_release(&source->lock);
    if (fd < 0)
        return;
    close(fd);
    source_free(source);
}

/* With the source locked. */
static void waiters_claim(struct rt_wait_list *waiters, struct task_list *woken)
{
    while (rt_wait_claim_first(waiters, woken))
        continue;
}

/* One put for the get here, one for the life that ends. */
void rt_source_close(struct sources *sources, struct source_name name)
{
    struct source *source = source_get(sources, name);
    struct task_list waiters = {0};
    bool is_first;

    if (!source)
        return;
    lock_acquire(&source->lock);
    is_first = !source->is_closed;
    source->is_closed = true;
    for (int i = 0; i < DIRECTION_COUNT; i++)
        waiters_claim(&source->waiters[i], &waiters);
    waiters_claim(&source->callers, &waiters);
    lock_release(&source->lock);

    rt_task_list_ready(&waiters);
    if (is_first)
        rt_source_put(source);
    rt_source_put(source);
}

void rt_sources_notify(const struct poller_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        struct source *source = events[i].source;
        bool is_ready[DIRECTION_COUNT] = {
            [DIRECTION_READ] = events[i].is_readable,
            [DIRECTION_WRITE] = events[i].is_writable,
        };
        struct task_list waiters = {0};

        if (source->notify) {
            source->notify(source);
            continue;
        }
        lock_acquire(&source->lock);
        for (int j = 0; j < DIRECTION_COUNT; j++) {
            if (!is_ready[j])
                continue;
            source->changes[j]++;
            waiters_claim(&source->waiters[j], &waiters);
        }
        lock_release(&source->lock);
        rt_task_list_ready(&waiters);
    }
}

void rt_sources_finish(struct sources *sources)
{
    for (uint32_t slot = 0; slot < sources->count; slot++) {
        const struct source *source = source_at(sources, slot);

        if (source->fd >= 0)
            close(source->fd);
    }
    for (int i = 0; i < SOURCE_BLOCKS; i++)
        free(atomic_load(&sources->blocks[i]));
    *sources = (struct sources){0};
}
