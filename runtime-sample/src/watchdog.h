/*
 * The watchdog: a thread that looks at the workers, and prints what the checks
 * in watch.h have found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WATCHDOG_H
#define RT_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "futex_lock.h"
#include "rt/executor.h"

struct runtime;
struct watch_report;

/* What has been told already, when the process goes on: a mistake in a loop is
 * one mistake. */
#define TOLD_MAX 64

/* `limit_ms` 0: there is no thread, and nothing to stop. `reports` is under
 * `lock`, `told` the thread's own; `calls` is a futex that changes when there
 * is something to do. */
struct watchdog {
    struct runtime *runtime;
    uint32_t limit_ms;
    bool continues;
    pthread_t thread;
    futex_lock lock;
    struct watch_report *reports;
    _Atomic uint32_t calls;
    _Atomic bool is_stopped;
    const void *told[TOLD_MAX];
    int told_count;
};

/* The environment overrides what the config says. 0 or a negative errno. */
int rt_watchdog_start(struct watchdog *watchdog, struct runtime *runtime,
                      const struct rt_config *config);
void rt_watchdog_stop(struct watchdog *watchdog);

uint64_t rt_watchdog_limit_ns(const struct watchdog *watchdog);

/* Has the report printed, and waits for that. Does not return if the process
 * is to end. */
void rt_watchdog_tell(struct watchdog *watchdog, struct watch_report *report);

#endif
