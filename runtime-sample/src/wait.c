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
#include "cancel.h"
#include "runtime.h"

static void timer_start(struct rt_wait *wait, uint64_t deadline_ns)
{
    struct runtime *runtime = wait->task->runtime;

    if (rt_timers_set(&runtime->timers, &wait->timer, deadline_ns))
        rt_idle_wake_poller(runtime);
}

/* The request is looked for before the task can be woken: afterwards it may be
 * gone. Who makes one meanwhile finds it preparing, and says so there. */
bool rt_wait_begin(struct rt_task *task, bool is_shielded)
{
    int seen = WAIT_PREPARING;
    int wanted = WAIT_ADDED;

    if (is_shielded || task->shields > 0)
        wanted = WAIT_SHIELDED;
    rt_fence_light();
    if (wanted == WAIT_ADDED && rt_task_is_cancelled(task))
        wanted = WAIT_CANCELLED;
    while (!atomic_compare_exchange_weak_explicit(&task->wait_state, &seen,
                                                  wanted, memory_order_acq_rel,
                                                  memory_order_acquire)) {
        if (seen != WAIT_PREPARING && seen != WAIT_PREPARING_TOLD)
            return false;
        if (seen == WAIT_PREPARING_TOLD && wanted == WAIT_ADDED)
            wanted = WAIT_CANCELLED;
    }
    return wanted != WAIT_CANCELLED;
}

void rt_wait_timer_start(struct rt_wait *wait)
{
    timer_start(wait, rt_now_ns() + wait->timeout_ms * NS_PER_MS);
}

void rt_wait_add_first(struct rt_wait_list *list, struct rt_wait *wait,
                       struct rt_task *task)
{
    assert(wait->is_shielded);
    assert(!wait_has_timeout(wait));
    wait->task = task;
    wait_list_add_first(list, wait);
    wait_begin_alone(task, true);
}

void rt_wait_list_add(struct rt_wait_list *list, struct rt_wait *wait,
                      struct rt_task *task)
{
    wait->task = task;
    wait_list_add(list, wait);
}

/* There is no object whose lock would keep the task where it is until its timer
 * is set, so it only counts as waiting after that. A timer that was faster has
 * finished with the wait when it can be cancelled. */
bool rt_wait_add_timer(struct rt_wait *wait, struct rt_task *task,
                       uint64_t deadline_ns)
{
    atomic_store_explicit(&task->wait_state, WAIT_PREPARING,
                          memory_order_relaxed);
    rt_wait_timer_add(wait, task, deadline_ns);
    if (rt_wait_begin(task, wait->is_shielded))
        return true;
    rt_timers_cancel(&task->runtime->timers, &wait->timer);
    return false;
}

void rt_wait_timer_add(struct rt_wait *wait, struct rt_task *task,
                       uint64_t deadline_ns)
{
    wait->task = task;
    timer_start(wait, deadline_ns);
}

/* One of several that all have to end: it has, even if the task was cancelled
 * meanwhile. The last one ends the suspension. */
struct rt_task *rt_wait_end_of_all(struct rt_wait *wait, enum wait_end end)
{
    struct rt_task *task = wait->task;
    bool must_wake;

    wait->end = (uint8_t)end;
    if (atomic_fetch_sub(&wait->all->remaining, 1) == 1 &&
        suspension_end(task, &must_wake) && must_wake)
        return task;
    return NULL;
}

bool rt_wait_claim_own(struct rt_wait *wait, struct rt_task *task)
{
    struct rt_task *nobody;
    bool is_claimed;

    wait->task = task;
    is_claimed = wait_end(wait, WAIT_END_CLAIMED, &nobody);
    assert(!nobody);
    return is_claimed;
}

/* The object's lock first: who added the wait sets its timer under it, and who
 * claims it may write into it until that is released. */
void rt_wait_withdraw(struct rt_wait *wait, lock_word *lock,
                      struct rt_wait_list *list)
{
    if (lock) {
        lock_acquire(lock);
        if (wait->is_listed)
            wait_list_remove(list, wait);
        lock_release(lock);
    }
    if (wait->task)
        rt_timers_cancel(&wait->task->runtime->timers, &wait->timer);
}

int rt_wait_end_slowly(struct rt_wait *wait, int state, lock_word *lock,
                       struct rt_wait_list *list)
{
    if (state == WAIT_ENDED && wait->end == WAIT_END_CLAIMED) {
        rt_timers_cancel(&wait->task->runtime->timers, &wait->timer);
        return 0;
    }
    rt_wait_withdraw(wait, lock, list);
    if (state == WAIT_ENDED)
        return -ETIMEDOUT;
    rt_cancel_tell(wait->task);
    return -ECANCELED;
}

int rt_wait_end_timer(struct rt_wait *wait)
{
    if (suspension_finish(wait) == WAIT_ENDED)
        return 0;
    rt_wait_withdraw(wait, NULL, NULL);
    rt_cancel_tell(wait->task);
    return -ECANCELED;
}

void rt_wait_time_out(struct timer *timer, struct task_list *woken)
{
    struct rt_wait *wait =
        (struct rt_wait *)(void *)((char *)timer -
                                   offsetof(struct rt_wait, timer));
    struct rt_task *task;

    wait_end(wait, WAIT_END_TIMED_OUT, &task);
    if (task)
        task_list_add(woken, task);
}

bool rt_wait_cancel(struct rt_task *task)
{
    int seen = atomic_load(&task->wait_state);
    int wanted;

    do {
        if (seen != WAIT_ADDED && seen != WAIT_PREPARING)
            return false;
        wanted = seen == WAIT_ADDED ? WAIT_CANCELLED : WAIT_PREPARING_TOLD;
    } while (!atomic_compare_exchange_weak(&task->wait_state, &seen, wanted));
    return wanted == WAIT_CANCELLED;
}
