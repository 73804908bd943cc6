/*
 * The heap of sleepers, and rt_sleep_ms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "timer.h"

#include <assert.h>
#include <stdlib.h>

#include "base.h"
#include "poller.h"
#include "rt/time.h"
#include "runtime.h"

/* Sleeps beyond this (584 years) are for ever, and must not wrap around. */
#define SLEEP_MS_MAX (UINT64_MAX / NS_PER_MS / 2)

static bool timers_commit(struct rt_task *task, void *arg)
{
    const uint64_t *deadline_ns = arg;
    struct runtime *runtime = task->runtime;

    if (rt_timers_add(&runtime->timers, *deadline_ns, task))
        rt_idle_wake_poller(runtime);
    return true;
}

ASYNC void rt_sleep_ms(uint64_t ms)
{
    uint64_t deadline_ns;

    if (ms == 0) {
        await rt_yield();
        return;
    }
    if (ms > SLEEP_MS_MAX)
        ms = SLEEP_MS_MAX;
    deadline_ns = rt_now_ns() + ms * NS_PER_MS;
    await rt_task_suspend(timers_commit, &deadline_ns);
}

void rt_timers_finish(struct timers *timers)
{
    assert(timers->count == 0);
    free(timers->heap);
    *timers = (struct timers){0};
}

static bool sleeper_is_earlier(const struct sleeper *left,
                               const struct sleeper *right)
{
    if (left->deadline_ns != right->deadline_ns)
        return left->deadline_ns < right->deadline_ns;
    return left->sequence < right->sequence;
}

static void heap_grow(struct timers *timers)
{
    size_t capacity = timers->capacity ? timers->capacity * 2 : 64;
    struct sleeper *heap = realloc(timers->heap, capacity * sizeof *heap);

    if (!heap)
        rt_die("out of memory for %zu timers", capacity);
    timers->heap = heap;
    timers->capacity = capacity;
}

static void heap_sift_up(struct sleeper *heap, size_t place,
                         struct sleeper sleeper)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;

        if (!sleeper_is_earlier(&sleeper, &heap[parent]))
            break;
        heap[place] = heap[parent];
        place = parent;
    }
    heap[place] = sleeper;
}

static void heap_sift_down(struct sleeper *heap, size_t count,
                           struct sleeper sleeper)
{
    size_t place = 0;

    for (size_t child = 1; child < count; child = 2 * place + 1) {
        if (child + 1 < count &&
            sleeper_is_earlier(&heap[child + 1], &heap[child]))
            child++;
        if (!sleeper_is_earlier(&heap[child], &sleeper))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = sleeper;
}

bool rt_timers_add(struct timers *timers, uint64_t deadline_ns,
                   struct rt_task *task)
{
    struct sleeper sleeper = {.deadline_ns = deadline_ns, .task = task};
    bool is_earliest;

    lock_acquire(&timers->lock);
    if (timers->count == timers->capacity)
        heap_grow(timers);
    sleeper.sequence = timers->next_sequence++;
    heap_sift_up(timers->heap, timers->count++, sleeper);
    is_earliest = timers->heap[0].task == task;
    lock_release(&timers->lock);
    return is_earliest;
}

uint64_t rt_timers_earliest_ns(struct timers *timers)
{
    uint64_t deadline_ns = POLLER_FOREVER;

    lock_acquire(&timers->lock);
    if (timers->count > 0)
        deadline_ns = timers->heap[0].deadline_ns;
    lock_release(&timers->lock);
    return deadline_ns;
}

/* In two steps, as a task that is ready may at once add a timer. */
void rt_timers_fire(struct timers *timers)
{
    struct task_list due = {0};
    struct rt_task *task;
    uint64_t now_ns = rt_now_ns();

    lock_acquire(&timers->lock);
    while (timers->count > 0 && timers->heap[0].deadline_ns <= now_ns) {
        task_list_add(&due, timers->heap[0].task);
        timers->count--;
        if (timers->count > 0)
            heap_sift_down(timers->heap, timers->count,
                           timers->heap[timers->count]);
    }
    lock_release(&timers->lock);

    while ((task = task_list_take(&due)))
        rt_task_ready(task);
}
