/*
 * The watchdog: sees at run time what asynclint sees in the source, and names
 * the same rules.
 *
 * An executor has one if rt_config.watchdog_ms or RT_WATCHDOG_MS says so; in
 * debug builds of the runtime (without NDEBUG) it has one of 2000 ms that only
 * tells. Each mistake is one line on stderr,
 *
 *     rt: watchdog: RULE: what was seen, at FILE:LINE (function), taken at ...
 *
 * with places where the program has debug information and addr2line is
 * installed. The process then ends with RT_WATCHDOG_EXIT, or goes on if
 * rt_config.watchdog_continues or RT_WATCHDOG_CONTINUE=1 says so.
 *
 * At once, where it happens:
 *
 *     blocking-lock-across-await   a task suspends and holds a blocking lock
 *     self-deadlock                a task waits for a lock that it holds
 *     lock-leak                    a task ends and keeps a lock
 *     block-on-in-async            rt_block_on in a task
 *     condvar-wait-in-async        a task waits for a thread's condition
 *     not-send-across-spawn        an rc that another task or thread made
 *     arc-not-cloned               an arc whose last reference was dropped
 *     thread-affine-across-await   rt_thread_bound_check on another thread
 *
 * After watchdog_ms, for a worker that has not come back so long:
 *
 *     blocking-lock-in-async       it waits for a blocking lock
 *     condvar-wait-in-async        ... in pthread_cond_wait, sem_wait, ...
 *     blocking-call-in-async       ... in another call of the system
 *     task-never-yields            it computes
 *     async-lock-across-await      a task held an async lock for so long over
 *                                  awaits that are no locking
 *
 * Locks are this runtime's. Those of pthread, and calls that block for less
 * than watchdog_ms, are seen at once in programs that are linked with
 * rt_watch_calls as well (a CMake target; -Wl,--wrap for each call). What no
 * run can see: errno, thread-locals and pthread_self() read after an await.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WATCH_H
#define RT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Sets, and overrides, watchdog_ms (0: none) and watchdog_continues (0 or 1),
 * so that any program can be watched without a change. What is not a number
 * ends the process with a line on stderr. */
#define RT_WATCHDOG_ENV "RT_WATCHDOG_MS"
#define RT_WATCHDOG_CONTINUE_ENV "RT_WATCHDOG_CONTINUE"

/* As rt_config.watchdog_ms: none, in debug builds either. */
#define RT_WATCHDOG_OFF UINT32_MAX

/* How a process ends that the watchdog stopped. Chosen so that it is neither
 * a shell's nor a sanitizer's. */
#define RT_WATCHDOG_EXIT 86

/* Reports a mistake that the caller has found in the running task. Does
 * nothing outside of tasks, and where nobody watches. `rule` and `text` are
 * read until it returns. Any thread. */
void rt_watch_tell(const char *rule, const char *text);

/*
 * A mark on a value that belongs to the thread: whoever uses the value checks
 * the mark, and learns whether an await has moved it to another thread. False,
 * and a report, if so. Any thread; neither suspends.
 */
struct rt_thread_bound {
    uint32_t thread;
};

struct rt_thread_bound rt_thread_bound_here(void);
bool rt_thread_bound_check(const struct rt_thread_bound *bound);

#endif
