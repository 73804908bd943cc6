/*
 * blocking_mutex: the runtime's futex lock, with the holder's number in the
 * word and a note for the watchdog where a worker waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/blocking_mutex.h"

#include <assert.h>

#include "futex_lock.h"
#include "runtime.h"
#include "watch.h"

void blocking_mutex_init(struct blocking_mutex *mutex)
{
    *mutex = (struct blocking_mutex)BLOCKING_MUTEX_INIT;
}

void blocking_mutex_destroy(struct blocking_mutex *mutex)
{
    assert(atomic_load(&mutex->word) == LOCK_FREE);
    (void)mutex;
}

/* A worker says what it waits for. */
static void lock_contended(struct blocking_mutex *mutex, uint32_t holder)
{
    struct worker *worker = rt_worker_current();

    if (worker)
        atomic_store(&worker->waits_for, &mutex->word);
    rt_futex_lock_acquire_slowly(&mutex->word, holder);
    if (worker)
        atomic_store(&worker->waits_for, NULL);
}

__attribute__((noinline)) static void lock_watched(struct blocking_mutex *mutex)
{
    uint32_t holder = rt_holder_current();

    watch_wants(mutex, WATCH_BLOCKING, true);
    if (!futex_lock_try_acquire(&mutex->word, holder))
        lock_contended(mutex, holder);
    watch_taken(mutex, WATCH_BLOCKING, 0);
}

/* Who holds it is only asked by a watchdog. */
void blocking_mutex_lock(struct blocking_mutex *mutex)
{
    if (SELDOM(watch_is_on()))
        lock_watched(mutex);
    else if (SELDOM(!futex_lock_try_acquire(&mutex->word, LOCK_HELD)))
        lock_contended(mutex, LOCK_HELD);
}

bool blocking_mutex_try_lock(struct blocking_mutex *mutex)
{
    bool is_taken = futex_lock_try_acquire(
        &mutex->word, watch_is_on() ? rt_holder_current() : LOCK_HELD);

    if (is_taken)
        watch_taken(mutex, WATCH_BLOCKING, 0);
    return is_taken;
}

void blocking_mutex_unlock(struct blocking_mutex *mutex)
{
    watch_given(mutex);
    futex_lock_release(&mutex->word);
}

struct blocking_mutex_guard
blocking_mutex_guard_enter(struct blocking_mutex *mutex)
{
    blocking_mutex_lock(mutex);
    return (struct blocking_mutex_guard){.lock = mutex, .held = true};
}

struct blocking_mutex_guard
blocking_mutex_guard_defer(struct blocking_mutex *mutex)
{
    return (struct blocking_mutex_guard){.lock = mutex, .held = false};
}

struct blocking_mutex_guard
blocking_mutex_guard_adopt(struct blocking_mutex *mutex)
{
    return (struct blocking_mutex_guard){.lock = mutex, .held = true};
}

void blocking_mutex_guard_take(struct blocking_mutex_guard *guard)
{
    assert(guard->lock);
    assert(!guard->held);
    blocking_mutex_lock(guard->lock);
    guard->held = true;
}

void blocking_mutex_guard_drop(struct blocking_mutex_guard *guard)
{
    if (!guard->held)
        return;
    guard->held = false;
    blocking_mutex_unlock(guard->lock);
}

struct blocking_mutex_guard
blocking_mutex_guard_move(struct blocking_mutex_guard *guard)
{
    struct blocking_mutex_guard moved = *guard;

    *guard = (struct blocking_mutex_guard){.lock = NULL, .held = false};
    return moved;
}

void blocking_mutex_guard_exit(struct blocking_mutex_guard *guard)
{
    blocking_mutex_guard_drop(guard);
}
