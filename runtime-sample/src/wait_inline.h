/*
 * The ways of a wait that nothing is special about, to be inlined: without a
 * timeout, of one list, ended by a claim. wait.h says what they do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WAIT_INLINE_H
#define RT_WAIT_INLINE_H

#include <assert.h>

#include "base.h"
#include "cancel.h"
#include "wait.h"
#include "wait_links.h"
#include "worker_queue.h"

/* Longer waits (292 years) are for ever, and must not wrap around. */
#define TIMEOUT_MS_MAX (UINT64_MAX / NS_PER_MS / 2)

/* What is special. */
void rt_wait_timer_start(struct rt_wait *wait);
struct rt_task *rt_wait_end_of_all(struct rt_wait *wait, enum wait_end end);
int rt_wait_end_slowly(struct rt_wait *wait, int state, lock_word *lock,
                       struct rt_wait_list *list);

static inline bool wait_has_timeout(const struct rt_wait *wait)
{
    return wait->timeout_ms <= TIMEOUT_MS_MAX;
}

/* The timer is left as it was but for this: it is seldom needed. */
static inline void rt_wait_init(struct rt_wait *wait, uint64_t timeout_ms)
{
    wait->next = wait->previous = NULL;
    wait->task = NULL;
    wait->all = NULL;
    wait->is_listed = false;
    wait->is_shielded = false;
    wait->end = WAIT_END_NONE;
    wait->timeout_ms = timeout_ms;
    wait->timer.is_set = false;
}

static inline void rt_wait_init_shielded(struct rt_wait *wait,
                                         uint64_t timeout_ms)
{
    rt_wait_init(wait, timeout_ms);
    wait->is_shielded = true;
}

/* Released, as who cancels the task takes no lock of ours, and is to find it
 * off its stack. Then either we see the request, or who made it sees that we
 * wait. */
static inline bool wait_begin_alone(struct rt_task *task, bool is_shielded)
{
    int waits =
        SELDOM(is_shielded || task->shields > 0) ? WAIT_SHIELDED : WAIT_ADDED;

    atomic_store_explicit(&task->wait_state, waits, memory_order_release);
    if (SELDOM(waits == WAIT_SHIELDED))
        return true;
    rt_fence_light();
    return OFTEN(!rt_task_is_cancelled(task)) || !rt_wait_cancel(task);
}

/* The timer may fire at once; the task then goes on, and waits in rt_wait_end
 * for the object's lock, which the caller holds. So it is with the rest: the
 * wait is ours until that lock is released. */
static inline bool rt_wait_add(struct rt_wait_list *list, struct rt_wait *wait,
                               struct rt_task *task)
{
    bool has_timeout = wait_has_timeout(wait);

    wait->task = task;
    wait_list_add(list, wait);
    if (SELDOM(!wait_begin_alone(task, wait->is_shielded))) {
        wait_list_remove(list, wait);
        return false;
    }
    if (SELDOM(has_timeout))
        rt_wait_timer_start(wait);
    return true;
}

/* Ends the suspension, if it has not ended. `must_wake` says whether the task
 * sleeps; one that is still preparing sees by itself. */
static inline bool suspension_end(struct rt_task *task, bool *must_wake)
{
    int seen = atomic_load_explicit(&task->wait_state, memory_order_acquire);

    do {
        if (SELDOM(seen < WAIT_PREPARING || seen > WAIT_SHIELDED))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(
        &task->wait_state, &seen, WAIT_ENDED, memory_order_acq_rel,
        memory_order_acquire));
    *must_wake = seen != WAIT_PREPARING && seen != WAIT_PREPARING_TOLD;
    return true;
}

/* `woken` is the task that is to be made ready now, or NULL. */
static inline bool wait_end(struct rt_wait *wait, enum wait_end end,
                            struct rt_task **woken)
{
    struct rt_task *task = wait->task;
    bool must_wake;

    *woken = NULL;
    if (SELDOM(wait->all)) {
        *woken = rt_wait_end_of_all(wait, end);
        return true;
    }
    if (!suspension_end(task, &must_wake))
        return false;
    wait->end = (uint8_t)end;
    if (must_wake)
        *woken = task;
    return true;
}

/* Out of the list in any case. */
static inline bool rt_wait_claim(struct rt_wait_list *list,
                                 struct rt_wait *wait, struct task_list *woken)
{
    struct rt_task *task;
    bool is_claimed;

    wait_list_remove(list, wait);
    is_claimed = wait_end(wait, WAIT_END_CLAIMED, &task);
    if (task)
        task_list_add(woken, task);
    return is_claimed;
}

static inline struct rt_wait *rt_wait_claim_first(struct rt_wait_list *list,
                                                  struct task_list *woken)
{
    struct rt_wait *wait;

    while ((wait = list->first))
        if (rt_wait_claim(list, wait, woken))
            return wait;
    return NULL;
}

static inline struct rt_wait *rt_wait_claim_one(struct rt_wait_list *list,
                                                struct rt_task **woken)
{
    struct rt_wait *wait;

    *woken = NULL;
    while ((wait = list->first)) {
        wait_list_remove(list, wait);
        if (wait_end(wait, WAIT_END_CLAIMED, woken))
            return wait;
    }
    return NULL;
}

/* The state in which the suspension ended. WAIT_NOT: there was none, as the
 * commit function found nothing to wait for. */
static inline int suspension_finish(struct rt_wait *wait)
{
    struct rt_task *task = wait->task;
    int state;

    if (SELDOM(!task))
        return WAIT_NOT;
    state = atomic_load_explicit(&task->wait_state, memory_order_acquire);
    assert(state == WAIT_ENDED || state == WAIT_CANCELLED);
    atomic_store_explicit(&task->wait_state, WAIT_NOT, memory_order_relaxed);
    return state;
}

static inline int rt_wait_end(struct rt_wait *wait, lock_word *lock,
                              struct rt_wait_list *list)
{
    int state = suspension_finish(wait);

    if (state == WAIT_NOT)
        return 0;
    if (OFTEN(state == WAIT_ENDED && wait->end == WAIT_END_CLAIMED &&
              !wait_has_timeout(wait)))
        return 0;
    return rt_wait_end_slowly(wait, state, lock, list);
}

static inline void rt_task_list_ready(struct task_list *list)
{
    struct rt_task *task;

    while ((task = task_list_take(list)))
        task_ready(task);
}

#endif
