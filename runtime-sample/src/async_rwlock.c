/*
 * async_rwlock: who holds it, and in which order the others come.
 *
 * A newcomer is let in only when nobody waits. An unlock lets in the front of
 * the list: one writer, or all readers up to the next writer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/async_rwlock.h"

#include <assert.h>
#include <errno.h>

#include "cancel.h"
#include "future.h"
#include "wait.h"
#include "watch.h"

#define HELD_BY_WRITER (-1)

struct rwlock_wait {
    struct rt_wait wait; /* first: the list knows only this */
    struct async_rwlock *lock;
    bool is_writer;
};

void async_rwlock_init(struct async_rwlock *lock)
{
    *lock = (struct async_rwlock)ASYNC_RWLOCK_INIT;
}

void async_rwlock_destroy(struct async_rwlock *lock)
{
    assert(lock->holders == 0);
    assert(!lock->waiters.first);
    (void)lock;
}

/* With the lock's lock held, as all that follows. */
static bool admits(const struct async_rwlock *lock, bool is_writer)
{
    return is_writer ? lock->holders == 0 : lock->holders >= 0;
}

static void admit(struct async_rwlock *lock, bool is_writer)
{
    lock->holders = is_writer ? HELD_BY_WRITER : lock->holders + 1;
}

static bool take(struct async_rwlock *lock, bool is_writer)
{
    if (lock->waiters.first || !admits(lock, is_writer))
        return false;
    admit(lock, is_writer);
    return true;
}

static void waiters_serve(struct async_rwlock *lock, struct task_list *woken)
{
    struct rt_wait *first;

    while ((first = lock->waiters.first)) {
        bool is_writer = ((struct rwlock_wait *)first)->is_writer;

        if (!admits(lock, is_writer))
            return;
        if (rt_wait_claim(&lock->waiters, first, woken))
            admit(lock, is_writer);
    }
}

static bool lock_commit(struct rt_task *task, void *arg)
{
    struct rwlock_wait *wanted = arg;
    struct async_rwlock *lock = wanted->lock;
    bool has_to_wait;

    lock_acquire(&lock->lock);
    has_to_wait = !take(lock, wanted->is_writer);
    if (has_to_wait)
        has_to_wait = rt_wait_add(&lock->waiters, &wanted->wait, task);
    lock_release(&lock->lock);
    return has_to_wait;
}

static enum watch_kind watch_kind(bool is_writer)
{
    return is_writer ? WATCH_ASYNC : WATCH_ASYNC_SHARED;
}

static bool try_lock(struct async_rwlock *lock, bool is_writer)
{
    bool is_taken;

    lock_acquire(&lock->lock);
    is_taken = take(lock, is_writer);
    lock_release(&lock->lock);
    if (is_taken)
        watch_taken(lock, watch_kind(is_writer), 0);
    return is_taken;
}

/* Gives up `given` holds and lets in who can be; 0 after a wait was given up
 * that others waited behind. */
static void unlock(struct async_rwlock *lock, int32_t given)
{
    struct task_list woken = {0};

    lock_acquire(&lock->lock);
    lock->holders -= given;
    waiters_serve(lock, &woken);
    lock_release(&lock->lock);
    rt_task_list_ready(&woken);
}

ASYNC static int lock_for(struct async_rwlock *lock, bool is_writer,
                          uint64_t timeout_ms)
{
    struct rwlock_wait wanted = {.lock = lock, .is_writer = is_writer};
    int status = timeout_ms == WAIT_FOREVER ? 0 : await rt_cancel_point();

    if (status != 0)
        return status;
    watch_wants(lock, watch_kind(is_writer), timeout_ms == WAIT_FOREVER);
    if (try_lock(lock, is_writer))
        return 0;
    if (timeout_ms == 0) {
        watch_taken(lock, watch_kind(is_writer), -ETIMEDOUT);
        return -ETIMEDOUT;
    }
    rt_wait_init(&wanted.wait, timeout_ms);
    wanted.wait.is_shielded = timeout_ms == WAIT_FOREVER;
    await rt_task_suspend(lock_commit, &wanted);
    status = rt_wait_end(&wanted.wait, &lock->lock, &lock->waiters);
    watch_taken(lock, watch_kind(is_writer), status);
    if (status != 0)
        unlock(lock, 0);
    return status;
}

ASYNC void async_rwlock_read_lock(struct async_rwlock *lock)
{
    await lock_for(lock, false, WAIT_FOREVER);
}

ASYNC void async_rwlock_write_lock(struct async_rwlock *lock)
{
    await lock_for(lock, true, WAIT_FOREVER);
}

ASYNC int async_rwlock_read_lock_timeout_ms(struct async_rwlock *lock,
                                            uint64_t timeout_ms)
{
    return await lock_for(lock, false, wait_limited_ms(timeout_ms));
}

ASYNC int async_rwlock_write_lock_timeout_ms(struct async_rwlock *lock,
                                             uint64_t timeout_ms)
{
    return await lock_for(lock, true, wait_limited_ms(timeout_ms));
}

bool async_rwlock_read_try_lock(struct async_rwlock *lock)
{
    return try_lock(lock, false);
}

bool async_rwlock_write_try_lock(struct async_rwlock *lock)
{
    return try_lock(lock, true);
}

void async_rwlock_read_unlock(struct async_rwlock *lock)
{
    assert(lock->holders > 0);
    watch_given(lock);
    unlock(lock, 1);
}

void async_rwlock_write_unlock(struct async_rwlock *lock)
{
    assert(lock->holders == HELD_BY_WRITER);
    watch_given(lock);
    unlock(lock, HELD_BY_WRITER);
}

static int future_try(struct rt_future *future)
{
    return try_lock(future->object, future->number) ? 0 : -EAGAIN;
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct rwlock_wait *wanted = FUTURE_ROOM(struct rwlock_wait, future);
    struct async_rwlock *lock = future->object;
    bool is_writer = future->number;

    *wanted = (struct rwlock_wait){.lock = lock, .is_writer = is_writer};
    rt_future_wait_init(future, &wanted->wait);
    lock_acquire(&lock->lock);
    if (lock->waiters.first || !admits(lock, is_writer))
        rt_wait_list_add(&lock->waiters, &wanted->wait, task);
    else if (rt_wait_claim_own(&wanted->wait, task))
        admit(lock, is_writer);
    lock_release(&lock->lock);
}

static int future_end(struct rt_future *future)
{
    struct rwlock_wait *wanted = FUTURE_ROOM(struct rwlock_wait, future);
    struct async_rwlock *lock = future->object;

    if (rt_future_wait_end(&wanted->wait, &lock->lock, &lock->waiters)) {
        watch_taken(lock, watch_kind(wanted->is_writer), 0);
        return 0;
    }
    unlock(lock, 0);
    return -EAGAIN;
}

static struct rt_future lock_future(struct async_rwlock *lock, bool is_writer)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return rt_future_make(&ops, lock, NULL, is_writer);
}

struct rt_future async_rwlock_read_lock_future(struct async_rwlock *lock)
{
    return lock_future(lock, false);
}

struct rt_future async_rwlock_write_lock_future(struct async_rwlock *lock)
{
    return lock_future(lock, true);
}
