/*
 * The watchdog: sees at run time what asynclint sees in the source.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_WATCHDOG_H
#define RT_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct runtime;

/* `limit_ms` 0: there is no thread, and nothing to stop. */
struct watchdog {
    struct runtime *runtime;
    uint32_t limit_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool is_stopped;
};

/* RT_WATCHDOG_MS in the environment overrides `limit_ms`. 0 or a negative
 * errno. */
int rt_watchdog_start(struct watchdog *watchdog, struct runtime *runtime,
                      uint32_t limit_ms);
void rt_watchdog_stop(struct watchdog *watchdog);

#endif
