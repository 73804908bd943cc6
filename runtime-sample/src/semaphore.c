/*
 * semaphore: a count, and a list of those for whom it was too small.
 *
 * A newcomer takes permits only when nobody waits, so the list is served from
 * its front alone and nobody starves. Everything is under one short lock: with
 * counts that differ there is no single instruction that decides.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/semaphore.h"

#include <assert.h>
#include <errno.h>

#include "base.h"
#include "cancel.h"
#include "future.h"
#include "wait.h"

struct semaphore_wait {
    struct rt_wait wait; /* first: the list knows only this */
    struct semaphore *semaphore;
    uint32_t count;
};

void semaphore_init(struct semaphore *semaphore, uint32_t permits)
{
    *semaphore = (struct semaphore){.permits = permits};
}

void semaphore_destroy(struct semaphore *semaphore)
{
    assert(!semaphore->waiters.first);
    (void)semaphore;
}

/* With the lock held, as all that follows. */
static bool permits_take(struct semaphore *semaphore, uint32_t count)
{
    if (semaphore->waiters.first || semaphore->permits < count)
        return false;
    semaphore->permits -= count;
    return true;
}

static void waiters_serve(struct semaphore *semaphore, struct task_list *woken)
{
    struct rt_wait *first;

    while ((first = semaphore->waiters.first)) {
        uint32_t count = ((struct semaphore_wait *)first)->count;

        if (count > semaphore->permits)
            return;
        if (rt_wait_claim(&semaphore->waiters, first, woken))
            semaphore->permits -= count;
    }
}

static bool acquire_commit(struct rt_task *task, void *arg)
{
    struct semaphore_wait *wanted = arg;
    struct semaphore *semaphore = wanted->semaphore;
    bool has_to_wait;

    lock_acquire(&semaphore->lock);
    has_to_wait = !permits_take(semaphore, wanted->count);
    if (has_to_wait)
        has_to_wait = rt_wait_add(&semaphore->waiters, &wanted->wait, task);
    lock_release(&semaphore->lock);
    return has_to_wait;
}

bool semaphore_try_acquire(struct semaphore *semaphore, uint32_t count)
{
    bool is_taken;

    if (count == 0)
        return true;
    lock_acquire(&semaphore->lock);
    is_taken = permits_take(semaphore, count);
    lock_release(&semaphore->lock);
    return is_taken;
}

/* Who gives up may have been the one at the front whom others waited for. */
ASYNC static int acquire(struct semaphore *semaphore, uint32_t count,
                         uint64_t timeout_ms)
{
    struct semaphore_wait wanted = {.semaphore = semaphore, .count = count};
    int status = timeout_ms == WAIT_FOREVER ? 0 : await rt_cancel_point();

    if (status != 0 || semaphore_try_acquire(semaphore, count))
        return status;
    if (timeout_ms == 0)
        return -ETIMEDOUT;
    rt_wait_init(&wanted.wait, timeout_ms);
    wanted.wait.is_shielded = timeout_ms == WAIT_FOREVER;
    await rt_task_suspend(acquire_commit, &wanted);
    status = rt_wait_end(&wanted.wait, &semaphore->lock, &semaphore->waiters);
    if (status != 0)
        semaphore_release(semaphore, 0);
    return status;
}

ASYNC void semaphore_acquire(struct semaphore *semaphore, uint32_t count)
{
    await acquire(semaphore, count, WAIT_FOREVER);
}

ASYNC int semaphore_acquire_timeout_ms(struct semaphore *semaphore,
                                       uint32_t count, uint64_t timeout_ms)
{
    return await acquire(semaphore, count, wait_limited_ms(timeout_ms));
}

void semaphore_release(struct semaphore *semaphore, uint32_t count)
{
    struct task_list woken = {0};

    lock_acquire(&semaphore->lock);
    if (semaphore->permits > UINT32_MAX - count)
        rt_die("too many permits of a semaphore");
    semaphore->permits += count;
    waiters_serve(semaphore, &woken);
    lock_release(&semaphore->lock);
    rt_task_list_ready(&woken);
}

uint32_t semaphore_available(struct semaphore *semaphore)
{
    uint32_t permits;

    lock_acquire(&semaphore->lock);
    permits = semaphore->permits;
    lock_release(&semaphore->lock);
    return permits;
}

static int future_try(struct rt_future *future)
{
    return semaphore_try_acquire(future->object, (uint32_t)future->number)
               ? 0
               : -EAGAIN;
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct semaphore_wait *wanted = FUTURE_ROOM(struct semaphore_wait, future);
    struct semaphore *semaphore = future->object;
    uint32_t count = (uint32_t)future->number;

    *wanted = (struct semaphore_wait){.semaphore = semaphore, .count = count};
    rt_future_wait_init(future, &wanted->wait);
    lock_acquire(&semaphore->lock);
    if (semaphore->waiters.first || semaphore->permits < count)
        rt_wait_list_add(&semaphore->waiters, &wanted->wait, task);
    else if (rt_wait_claim_own(&wanted->wait, task))
        semaphore->permits -= count;
    lock_release(&semaphore->lock);
}

static int future_end(struct rt_future *future)
{
    struct semaphore_wait *wanted = FUTURE_ROOM(struct semaphore_wait, future);
    struct semaphore *semaphore = future->object;

    if (rt_future_wait_end(&wanted->wait, &semaphore->lock,
                           &semaphore->waiters))
        return 0;
    semaphore_release(semaphore, 0);
    return -EAGAIN;
}

struct rt_future semaphore_acquire_future(struct semaphore *semaphore,
                                          uint32_t count)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return rt_future_make(&ops, semaphore, NULL, count);
}
