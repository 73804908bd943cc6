/*
 * arc and rc: a head in front of the value.
 *
 * In a watched program the memory of the last values that were finished is
 * kept, filled with a pattern, so that who comes too late finds a count of 0
 * and not another value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/arc.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "futex_lock.h"
#include "runtime.h"
#include "watch.h"

/* Of a finished value in a watched program. */
#define FINISHED_PATTERN 0xdf
#define KEPT_MAX 1024

/* `owner` and `thread` are an rc's: who made it, the task if it was one. */
struct head {
    _Atomic uint32_t count;
    uint32_t thread;
    const void *owner;
    rt_finish_fn *finish;
    size_t size;
};

#define HEAD_SIZE                                                              \
    ((sizeof(struct head) + alignof(max_align_t) - 1) / alignof(max_align_t) * \
     alignof(max_align_t))

static struct head *head_of(void *value)
{
    return (struct head *)(void *)((char *)value - HEAD_SIZE);
}

static void *value_make(size_t size, rt_finish_fn *finish)
{
    struct head *head =
        size <= SIZE_MAX - HEAD_SIZE ? calloc(1, HEAD_SIZE + size) : NULL;

    if (!head)
        return NULL;
    atomic_init(&head->count, 1);
    head->finish = finish;
    head->size = size;
    return (char *)head + HEAD_SIZE;
}

/* The oldest of those that are kept gives way. */
static struct head *head_exchange(struct head *head)
{
    static futex_lock lock;
    static struct head *kept[KEPT_MAX];
    static unsigned next;
    struct head *oldest;

    futex_lock_acquire(&lock);
    oldest = kept[next];
    kept[next] = head;
    next = (next + 1) % KEPT_MAX;
    futex_lock_release(&lock);
    return oldest;
}

static void value_finish(struct head *head)
{
    void *value = (char *)head + HEAD_SIZE;

    if (head->finish)
        head->finish(value);
    if (watch_is_on()) {
        memset(value, FINISHED_PATTERN, head->size);
        head = head_exchange(head);
    }
    free(head);
}

/* Who has a reference finds a count above 0. */
static void count_check(uint32_t count)
{
    if (count != 0)
        return;
    rt_watch_tell("arc-not-cloned",
                  "a task uses a value whose last reference was dropped");
    if (!watch_is_on())
        rt_die("a value is used whose last reference was dropped");
}

void *arc_make(size_t size, rt_finish_fn *finish)
{
    return value_make(size, finish);
}

void *arc_clone(void *value)
{
    if (value)
        count_check(atomic_fetch_add_explicit(&head_of(value)->count, 1,
                                              memory_order_relaxed));
    return value;
}

/* Released by each, acquired by the last: it sees all that the others did. */
void arc_drop(void *value)
{
    uint32_t count;

    if (!value)
        return;
    count = atomic_fetch_sub_explicit(&head_of(value)->count, 1,
                                      memory_order_acq_rel);
    count_check(count);
    if (count == 1)
        value_finish(head_of(value));
}

uint32_t arc_count(void *value)
{
    return atomic_load_explicit(&head_of(value)->count, memory_order_acquire);
}

void arc_auto_exit(void *variable)
{
    arc_drop(*(void **)variable);
}

void *arc_auto_take(void *variable)
{
    void **place = variable;
    void *value = *place;

    *place = NULL;
    return value;
}

/* The task, or NULL outside of tasks. */
static const void *task_current(void)
{
    struct worker *worker = rt_worker_current();

    return worker ? worker->running : NULL;
}

static bool is_on_one_worker(void)
{
    const struct worker *worker = rt_worker_current();

    return worker && worker_is_alone(worker);
}

/* In watched programs only, so that an rc stays cheaper than an arc. */
static void owner_check(const struct head *head)
{
    struct rt_thread_bound here;

    if (!watch_is_on())
        return;
    here = rt_thread_bound_here();
    if (head->owner && head->owner == task_current())
        return;
    if (head->thread == here.thread && (!head->owner || is_on_one_worker()))
        return;
    rt_watch_tell("not-send-across-spawn",
                  "a task uses an rc that another task or thread made");
}

void *rc_make(size_t size, rt_finish_fn *finish)
{
    void *value = value_make(size, finish);

    if (value) {
        head_of(value)->owner = task_current();
        head_of(value)->thread = rt_thread_bound_here().thread;
    }
    return value;
}

/* Loads and stores, no locked instruction. */
static uint32_t rc_add(struct head *head, uint32_t change)
{
    uint32_t count = atomic_load_explicit(&head->count, memory_order_relaxed);

    owner_check(head);
    count_check(count);
    atomic_store_explicit(&head->count, count + change, memory_order_relaxed);
    return count + change;
}

void *rc_clone(void *value)
{
    if (value)
        rc_add(head_of(value), 1);
    return value;
}

void rc_drop(void *value)
{
    if (value && rc_add(head_of(value), (uint32_t)-1) == 0)
        value_finish(head_of(value));
}

uint32_t rc_count(void *value)
{
    return atomic_load_explicit(&head_of(value)->count, memory_order_relaxed);
}

void rc_auto_exit(void *variable)
{
    rc_drop(*(void **)variable);
}
