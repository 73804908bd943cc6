/*
 * Workers that do not come back to the scheduler, and why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_STALL_H
#define RT_STALL_H

#include <stdbool.h>
#include <stdint.h>

struct watchdog;
struct worker;

/* What the watchdog knows of one worker. `since_ns` is when it first saw this
 * turn; 0 while the worker is in the scheduler. It ran at `looks_running` of
 * its `looks` at it, and slept at the others. */
struct sighting {
    uint64_t turn;
    uint64_t since_ns;
    int looks;
    int looks_running;
    bool is_told;
};

/* One look at one worker; tells of it when it has stalled for too long. */
void rt_stall_look(struct watchdog *watchdog, struct worker *worker,
                   struct sighting *sighting);

#endif
