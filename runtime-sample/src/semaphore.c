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

#include "cancel.h"
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
    return await acquire(semaphore, count, timeout_ms);
}

void semaphore_release(struct semaphore *semaphore, uint32_t count)
{
    struct task_list woken = {0};

    lock_acquire(&semaphore->lock);
    assert(semaphore->permits + count >= count);
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
