/*
 * Adding, claiming and ending waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wait.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "base.h"
#include "runtime.h"

/* Longer waits (292 years) are for ever, and must not wrap around. */
#define TIMEOUT_MS_MAX (UINT64_MAX / NS_PER_MS / 2)

void rt_wait_init(struct rt_wait *wait, uint64_t timeout_ms)
{
    *wait = (struct rt_wait){.timeout_ms = timeout_ms};
}

static void list_add(struct rt_wait_list *list, struct rt_wait *wait)
{
    wait->next = NULL;
    wait->previous = list->first ? list->last : NULL;
    if (list->first)
        list->last->next = wait;
    else
        list->first = wait;
    list->last = wait;
}

static void list_remove(struct rt_wait_list *list, struct rt_wait *wait)
{
    if (wait->previous)
        wait->previous->next = wait->next;
    else
        list->first = wait->next;
    if (wait->next)
        wait->next->previous = wait->previous;
    else
        list->last = wait->previous;
}

/* The timer may fire at once; the task then goes on, and waits in rt_wait_end
 * for the object's lock, which the caller holds. */
void rt_wait_add(struct rt_wait_list *list, struct rt_wait *wait,
                 struct rt_task *task)
{
    struct runtime *runtime = task->runtime;
    uint64_t deadline_ns;

    wait->task = task;
    atomic_store_explicit(&wait->state, WAIT_ADDED, memory_order_relaxed);
    list_add(list, wait);
    if (wait->timeout_ms > TIMEOUT_MS_MAX)
        return;
    deadline_ns = rt_now_ns() + wait->timeout_ms * NS_PER_MS;
    if (rt_timers_set(&runtime->timers, &wait->timer, deadline_ns))
        rt_idle_wake_poller(runtime);
}

static bool wait_settle(struct rt_wait *wait, int state)
{
    int expected = WAIT_ADDED;

    return atomic_compare_exchange_strong_explicit(&wait->state, &expected,
                                                   state, memory_order_acq_rel,
                                                   memory_order_acquire);
}

/* Out of the list in any case. A wait that has timed out must be told apart
 * from one that still is in the list: its links are cleared. */
bool rt_wait_claim(struct rt_wait_list *list, struct rt_wait *wait,
                   struct task_list *woken)
{
    list_remove(list, wait);
    wait->next = wait->previous = NULL;
    if (!wait_settle(wait, WAIT_CLAIMED)) {
        wait->task = NULL;
        return false;
    }
    task_list_add(woken, wait->task);
    return true;
}

struct rt_wait *rt_wait_claim_first(struct rt_wait_list *list,
                                    struct task_list *woken)
{
    struct rt_wait *wait;

    while ((wait = list->first))
        if (rt_wait_claim(list, wait, woken))
            return wait;
    return NULL;
}

int rt_wait_end(struct rt_wait *wait, lock_word *lock,
                struct rt_wait_list *list)
{
    int state = atomic_load_explicit(&wait->state, memory_order_acquire);

    assert(state != WAIT_ADDED);
    if (state != WAIT_TIMED_OUT) {
        if (state == WAIT_CLAIMED && wait->timeout_ms <= TIMEOUT_MS_MAX)
            rt_timers_cancel(&wait->task->runtime->timers, &wait->timer);
        return 0;
    }
    lock_acquire(lock);
    if (wait->task)
        list_remove(list, wait);
    lock_release(lock);
    return -ETIMEDOUT;
}

void rt_wait_time_out(struct timer *timer, struct task_list *woken)
{
    struct rt_wait *wait =
        (struct rt_wait *)(void *)((char *)timer -
                                   offsetof(struct rt_wait, timer));
    struct rt_task *task = wait->task;

    if (wait_settle(wait, WAIT_TIMED_OUT))
        task_list_add(woken, task);
}

void rt_task_list_ready(struct task_list *list)
{
    struct rt_task *task;

    while ((task = task_list_take(list)))
        rt_task_ready(task);
}
