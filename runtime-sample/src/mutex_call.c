/*
 * The calls, by the address of the mutex.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mutex_call.h"

#include <stddef.h>

#include "base.h"
#include "lock.h"

/* The heads of lists; each is read without its lock, too. */
struct rt_mutex_call rt_mutex_calls[RT_MUTEX_CALLS];
static lock_word call_locks[RT_MUTEX_CALLS];

static lock_word *lock_of(const struct rt_mutex_call *head)
{
    return &call_locks[head - rt_mutex_calls];
}

static struct rt_mutex_call *call_next(const struct rt_mutex_call *call)
{
    return atomic_load_explicit(&call->next, memory_order_relaxed);
}

/* With the list locked, as all that follow. */
static void call_add(struct rt_mutex_call *call, struct async_mutex *mutex)
{
    struct rt_mutex_call *head = rt_mutex_calls_for(mutex);

    call->mutex = mutex;
    atomic_store_explicit(&call->next, call_next(head), memory_order_relaxed);
    atomic_store_explicit(&head->next, call, memory_order_relaxed);
}

static void call_remove_next(struct rt_mutex_call *before)
{
    struct rt_mutex_call *call = call_next(before);

    atomic_store_explicit(&before->next, call_next(call), memory_order_relaxed);
    call->mutex = NULL;
}

static void call_remove(struct rt_mutex_call *call)
{
    struct rt_mutex_call *before = rt_mutex_calls_for(call->mutex);

    while (call_next(before) != call)
        before = call_next(before);
    call_remove_next(before);
}

void rt_mutex_call(struct rt_mutex_call *call, struct async_mutex *mutex)
{
    lock_word *lock = lock_of(rt_mutex_calls_for(mutex));

    lock_acquire(lock);
    if (!call->mutex)
        call_add(call, mutex);
    lock_release(lock);
}

bool rt_mutex_call_end(struct rt_mutex_call *call,
                       const struct async_mutex *mutex)
{
    lock_word *lock = lock_of(rt_mutex_calls_for(mutex));
    bool is_made;

    lock_acquire(lock);
    is_made = call->mutex != NULL;
    if (is_made)
        call_remove(call);
    lock_release(lock);
    return is_made;
}

bool rt_mutex_call_leave(struct rt_mutex_call *call, struct rt_mutex_call *to,
                         struct async_mutex *mutex)
{
    lock_word *lock = lock_of(rt_mutex_calls_for(mutex));
    bool is_made;

    lock_acquire(lock);
    is_made = call->mutex != NULL;
    if (is_made && !to->mutex)
        call_add(to, mutex);
    if (is_made)
        call_remove(call);
    lock_release(lock);
    return is_made;
}

void rt_mutex_calls_drop(const struct async_mutex *mutex)
{
    struct rt_mutex_call *head = rt_mutex_calls_for(mutex);
    struct rt_mutex_call *before = head;

    if (!call_next(head))
        return;
    lock_acquire(lock_of(head));
    while (call_next(before)) {
        if (call_next(before)->mutex == mutex)
            call_remove_next(before);
        else
            before = call_next(before);
    }
    lock_release(lock_of(head));
}

static bool is_in_list(struct rt_mutex_call *head,
                       const struct async_mutex *mutex)
{
    for (struct rt_mutex_call *call = call_next(head); call;
         call = call_next(call))
        if (call->mutex == mutex)
            return true;
    return false;
}

bool rt_mutex_is_called(const struct async_mutex *mutex)
{
    struct rt_mutex_call *head = rt_mutex_calls_for(mutex);
    bool is_called;

    if (!call_next(head))
        return false;
    lock_acquire(lock_of(head));
    is_called = is_in_list(head, mutex);
    lock_release(lock_of(head));
    return is_called;
}

/* The marks are put back, and a mutex that is free is taken. If it has another
 * owner by now, that one sees the marks, or overwrites them and hears us. */
static bool marks_restore(struct async_mutex *mutex)
{
    const uint32_t marks = RT_MUTEX_WAITERS | RT_MUTEX_BUSY;
    uint32_t seen = atomic_load_explicit(&mutex->state, memory_order_relaxed);

    while ((seen & marks) != marks) {
        if (atomic_compare_exchange_weak_explicit(
                &mutex->state, &seen, seen | marks | RT_MUTEX_LOCKED,
                memory_order_acq_rel, memory_order_relaxed))
            return !(seen & RT_MUTEX_LOCKED);
    }
    return false;
}

bool rt_mutex_call_hear(struct async_mutex *mutex)
{
    struct rt_mutex_call *head = rt_mutex_calls_for(mutex);
    bool is_owner;

    lock_acquire(lock_of(head));
    is_owner = is_in_list(head, mutex) && marks_restore(mutex);
    lock_release(lock_of(head));
    return is_owner;
}
