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

/* Longer waits (292 years) are for ever, and must not wrap around. */
#define TIMEOUT_MS_MAX (UINT64_MAX / NS_PER_MS / 2)

/* The timer is left as it was but for this: it is seldom needed. */
static void wait_init(struct rt_wait *wait, uint64_t timeout_ms,
                      bool is_shielded)
{
    wait->next = wait->previous = NULL;
    wait->task = NULL;
    wait->all = NULL;
    wait->is_listed = false;
    wait->is_shielded = is_shielded;
    wait->end = WAIT_END_NONE;
    wait->timeout_ms = timeout_ms;
    wait->timer.is_set = false;
}

void rt_wait_init(struct rt_wait *wait, uint64_t timeout_ms)
{
    wait_init(wait, timeout_ms, false);
}

void rt_wait_init_shielded(struct rt_wait *wait, uint64_t timeout_ms)
{
    wait_init(wait, timeout_ms, true);
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
    wait->is_listed = true;
}

static void list_add_first(struct rt_wait_list *list, struct rt_wait *wait)
{
    wait->previous = NULL;
    wait->next = list->first;
    if (list->first)
        list->first->previous = wait;
    else
        list->last = wait;
    list->first = wait;
    wait->is_listed = true;
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
    wait->next = wait->previous = NULL;
    wait->is_listed = false;
}

static bool has_timeout(const struct rt_wait *wait)
{
    return wait->timeout_ms <= TIMEOUT_MS_MAX;
}

static void timer_start(struct rt_wait *wait, uint64_t deadline_ns)
{
    struct runtime *runtime = wait->task->runtime;

    if (rt_timers_set(&runtime->timers, &wait->timer, deadline_ns))
        rt_idle_wake_poller(runtime);
}

/* Either we see the request, or who made it sees that we wait. */
static bool request_look(struct rt_task *task)
{
    rt_fence_light();
    return !rt_task_is_cancelled(task) || !rt_wait_cancel(task);
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

/* Released, as who cancels the task takes no lock of ours, and is to find it
 * off its stack. */
static bool wait_begin_alone(struct rt_task *task, bool is_shielded)
{
    int waits = is_shielded || task->shields > 0 ? WAIT_SHIELDED : WAIT_ADDED;

    atomic_store_explicit(&task->wait_state, waits, memory_order_release);
    return waits == WAIT_SHIELDED || request_look(task);
}

/* The timer may fire at once; the task then goes on, and waits in rt_wait_end
 * for the object's lock, which the caller holds. So it is with the rest: the
 * wait is ours until that lock is released. */
bool rt_wait_add(struct rt_wait_list *list, struct rt_wait *wait,
                 struct rt_task *task)
{
    bool is_timed = has_timeout(wait);
    uint64_t timeout_ns = is_timed ? wait->timeout_ms * NS_PER_MS : 0;

    rt_wait_list_add(list, wait, task);
    if (!wait_begin_alone(task, wait->is_shielded)) {
        list_remove(list, wait);
        return false;
    }
    if (is_timed)
        timer_start(wait, rt_now_ns() + timeout_ns);
    return true;
}

void rt_wait_add_first(struct rt_wait_list *list, struct rt_wait *wait,
                       struct rt_task *task)
{
    assert(wait->is_shielded);
    assert(!has_timeout(wait));
    wait->task = task;
    list_add_first(list, wait);
    wait_begin_alone(task, true);
}

void rt_wait_list_add(struct rt_wait_list *list, struct rt_wait *wait,
                      struct rt_task *task)
{
    wait->task = task;
    list_add(list, wait);
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

/* Ends the suspension, if it has not ended. `must_wake` says whether the task
 * sleeps; one that is still preparing sees by itself. */
static bool suspension_end(struct rt_task *task, bool *must_wake)
{
    int seen = atomic_load_explicit(&task->wait_state, memory_order_acquire);

    do {
        if (seen < WAIT_PREPARING || seen > WAIT_SHIELDED)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(
        &task->wait_state, &seen, WAIT_ENDED, memory_order_acq_rel,
        memory_order_acquire));
    *must_wake = seen != WAIT_PREPARING && seen != WAIT_PREPARING_TOLD;
    return true;
}

/* One of several that all have to end: it has, even if the task was cancelled
 * meanwhile. The last one ends the suspension. */
static void wait_end_of_all(struct rt_wait *wait, enum wait_end end,
                            struct task_list *woken)
{
    struct rt_task *task = wait->task;
    bool must_wake;

    wait->end = (uint8_t)end;
    if (atomic_fetch_sub(&wait->all->remaining, 1) == 1 &&
        suspension_end(task, &must_wake) && must_wake)
        task_list_add(woken, task);
}

static bool wait_end(struct rt_wait *wait, enum wait_end end,
                     struct task_list *woken)
{
    struct rt_task *task = wait->task;
    bool must_wake;

    if (wait->all) {
        wait_end_of_all(wait, end, woken);
        return true;
    }
    if (!suspension_end(task, &must_wake))
        return false;
    wait->end = (uint8_t)end;
    if (must_wake)
        task_list_add(woken, task);
    return true;
}

/* Out of the list in any case. */
bool rt_wait_claim(struct rt_wait_list *list, struct rt_wait *wait,
                   struct task_list *woken)
{
    list_remove(list, wait);
    return wait_end(wait, WAIT_END_CLAIMED, woken);
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

bool rt_wait_claim_own(struct rt_wait *wait, struct rt_task *task)
{
    struct task_list nobody = {0};
    bool is_claimed;

    wait->task = task;
    is_claimed = wait_end(wait, WAIT_END_CLAIMED, &nobody);
    assert(!nobody.first);
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
            list_remove(list, wait);
        lock_release(lock);
    }
    if (wait->task)
        rt_timers_cancel(&wait->task->runtime->timers, &wait->timer);
}

/* The state in which the suspension ended. WAIT_NOT: there was none, as the
 * commit function found nothing to wait for. */
static int suspension_finish(struct rt_wait *wait)
{
    struct rt_task *task = wait->task;
    int state;

    if (!task)
        return WAIT_NOT;
    state = atomic_load_explicit(&task->wait_state, memory_order_acquire);
    assert(state == WAIT_ENDED || state == WAIT_CANCELLED);
    atomic_store_explicit(&task->wait_state, WAIT_NOT, memory_order_relaxed);
    return state;
}

int rt_wait_end(struct rt_wait *wait, lock_word *lock,
                struct rt_wait_list *list)
{
    int state = suspension_finish(wait);

    if (state == WAIT_NOT)
        return 0;
    if (state == WAIT_ENDED && wait->end == WAIT_END_CLAIMED) {
        if (has_timeout(wait))
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

    wait_end(wait, WAIT_END_TIMED_OUT, woken);
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

void rt_task_list_ready(struct task_list *list)
{
    struct rt_task *task;

    while ((task = task_list_take(list)))
        rt_task_ready(task);
}
