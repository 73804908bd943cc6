/*
 * Calling the owner of an async_mutex, who frees it by a plain store.
 *
 * The owner looks at the state, stores that it is free, and looks for calls. A
 * waiter writes into the state that it waits, calls, makes all threads fence,
 * and looks at the state again. If its mark is gone it tries once more. If not,
 * the owner has yet to store, and then to look for calls: it hears this one,
 * and puts right what it has overwritten. The fence is dear, so that the mutex
 * then is BUSY for a long time, in which nobody needs to call.
 *
 * One call is enough for all that wait, as who passes the mutex on looks into
 * the whole queue; so the call of one who gives up is left to the next. An
 * owner that passes the mutex on drops the calls: it has not stored, and no
 * later one will. Calls are changed with the queue locked, but when they end.
 *
 * Calls are not in the mutex: its memory may be given back by the next owner
 * as soon as it is free. A call is there as long as its task waits, and so is
 * the mutex.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_MUTEX_CALL_H
#define RT_MUTEX_CALL_H

#include <stdbool.h>

#include "rt/async_mutex.h"

/* May have been called, and dropped, before. */
void rt_mutex_call(struct rt_mutex_call *call, struct async_mutex *mutex);

bool rt_mutex_is_called(const struct async_mutex *mutex);

/* On return nobody looks at the call's mutex any more. False: it was dropped
 * before. */
bool rt_mutex_call_end(struct rt_mutex_call *call,
                       const struct async_mutex *mutex);

/* Leaves the call to another one; there is one all the time. False: it was
 * dropped before. */
bool rt_mutex_call_leave(struct rt_mutex_call *call, struct rt_mutex_call *to,
                         struct async_mutex *mutex);

/* By the owner. */
void rt_mutex_calls_drop(const struct async_mutex *mutex);

/* Is there a call for the mutex, and is the caller of this now its owner, who
 * has to give it to a waiter? */
bool rt_mutex_call_hear(struct async_mutex *mutex);

#endif
