/*
 * How far a long run is, for people who wait in front of a terminal: one line
 * on stderr that is written over, and gone in the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_PROGRESS_H
#define ASYNCLINT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool is_on;
    bool is_shown;
    uint32_t done;
    uint32_t total;
    uint64_t next_ms; /* not before that */
};

/* Off when stderr is no terminal, or one that can't erase a line. */
void progress_start(struct progress *progress, uint32_t total, bool is_quiet);

/* One more is done; `name` is of the tree and is made harmless. */
void progress_step(struct progress *progress, const char *name);

void progress_finish(struct progress *progress);

#endif
