/*
 * Opening, naming, waiting for and closing sources.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "runtime.h"
#include "wait.h"

/* With the table locked. */
static struct source *source_make(struct sources *sources)
{
    struct source *source;

    if (sources->count == sources->capacity) {
        uint32_t capacity = sources->capacity ? sources->capacity * 2 : 64;
        struct source **table =
            realloc(sources->table, capacity * sizeof(*table));

        if (!table)
            return NULL;
        sources->table = table;
        sources->capacity = capacity;
    }
    source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->sources = sources;
    source->fd = -1;
    source->slot = sources->count;
    sources->table[sources->count++] = source;
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

struct source *rt_source_get(struct sources *sources, struct source_name name)
{
    struct source *source = NULL;

    lock_acquire(&sources->lock);
    if (name.slot < sources->count)
        source = sources->table[name.slot];
    lock_release(&sources->lock);
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

    return runtime ? rt_source_get(&runtime->sources, name) : NULL;
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
    struct source *source = rt_source_get(sources, name);
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
    for (uint32_t i = 0; i < sources->count; i++) {
        struct source *source = sources->table[i];

        if (source->fd >= 0)
            close(source->fd);
        free(source);
    }
    free(sources->table);
    *sources = (struct sources){0};
}
