/*
 * Calling the owner of an async_mutex, who frees it by a plain store.
 *
 * The owner looks at the state, stores that it is free, and looks for calls. A
 * waiter writes into the state that it waits, calls, makes all threads fence,
 * and looks at the state again. If its mark is gone it tries once more. If not,
 * the owner has yet to store, and then to look for calls: it hears this one,
 * and puts right what it has overwritten. The fence is dear, so that the mutex
 * then is BUSY for a long time, in which nobody needs to call, but as long as
 * others do: their owner has not stored yet, perhaps.
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

void rt_mutex_call(struct rt_mutex_call *call, struct async_mutex *mutex);

bool rt_mutex_is_called(const struct async_mutex *mutex);

/* On return nobody looks at the call's mutex any more. */
void rt_mutex_call_end(struct rt_mutex_call *call);

/* Is there a call for the mutex, and is the caller of this now its owner, who
 * has to give it to a waiter? */
bool rt_mutex_call_hear(struct async_mutex *mutex);

#endif
