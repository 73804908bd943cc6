/*
 * Cancellation: a task is asked to end, and unwinds by itself.
 *
 * Nothing is torn down from outside. Once a task is cancelled, each of its
 * awaits that can fail returns -ECANCELED, at once if it would have to wait,
 * and the task returns from its functions like after any other error: guards
 * release their locks, cleanups run, memory is freed. There is no second way
 * out of a function that code would have to be written for. (Frames that are
 * thrown away, or unwound by force, leave locks held and memory lost; C has no
 * destructors that would make this safe.)
 *
 *     while ((status = await mpsc_receive(inbox, &request)) == 0)
 *         await serve(&request);
 *     ...                         -ECANCELED, or -EPIPE: the end either way
 *
 * Which awaits: those that return a status. Waiting for a lock by a function
 * that returns nothing (async_mutex_lock, guards, ...) is not ended: who holds
 * it is on its way out too, and its _timeout_ms form returns -ECANCELED. A
 * call that succeeds without waiting may still succeed. The state remains: who
 * ignores -ECANCELED gets it again from the next await, and its loop gives
 * other tasks their turn but comes to no end, nor does rt_block_on then.
 *
 * A task that is cancelled before it began begins nevertheless: what it was
 * given is its to free. rt_join passes a cancellation on to the task that it
 * waits for, and still waits for its end: that task may be using what lies on
 * the caller's stack.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_CANCEL_H
#define RT_CANCEL_H

#include <stdbool.h>

#include "rt/async.h"
#include "rt/task.h"

/*
 * Asks the task or the job to end; the handle remains the caller's, and is
 * still to be joined or detached. rt_join then returns -ECANCELED if the task
 * was told, by an await or by rt_is_cancelled, and 0 if it ended before.
 *
 * A job of rt_spawn_blocking learns it from rt_is_cancelled only. Returns 0,
 * or -EINVAL for a NULL handle. Never suspends; any thread.
 */
int rt_cancel(struct rt_join_handle *handle);

/* Has somebody asked this task, or this job, to end? False in a shielded
 * section, and outside of both. Never suspends; any thread. To be asked in long
 * loops without an await that can fail. */
bool rt_is_cancelled(void);

/*
 * A block in which the task is not told: its awaits wait as if nothing were,
 * to bring something to an end that must not stay half done.
 *
 *     rt_shielded() {
 *         await journal_commit(journal);
 *     }
 *
 * The block is the body of a loop that runs once: break and continue bind to
 * it. Shields nest. In a task; elsewhere they do nothing.
 */
#define rt_shielded() RT_SHIELD_SCOPE(__COUNTER__)

/* The same by hand, for a section that is no block. */
struct rt_shield {
    void *task;
};

struct rt_shield rt_shield_enter(void);
void rt_shield_exit(struct rt_shield *shield);

#define RT_SHIELD_SCOPE(number) RT_SHIELD_LOOP(number)
#define RT_SHIELD_LOOP(number)                                                 \
    for (struct rt_shield rt_shield_##number                                   \
         __attribute__((cleanup(rt_shield_exit))) = rt_shield_enter(),         \
         *rt_shielding_##number = &rt_shield_##number;                         \
         rt_shielding_##number; rt_shielding_##number = 0)

#endif
