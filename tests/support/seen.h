/*
 * Runs jobs and remembers their results, for the tests of base/jobs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_SEEN_H
#define TESTS_SUPPORT_SEEN_H

#include "base/jobs.h"

enum { RESULTS_MAX = 4096, PATIENCE_MS = 20000 };

struct seen {
    struct arena arena;
    uint32_t count;
    uint32_t stop_after; /* 0: never */
    struct job_result results[RESULTS_MAX];
};

struct seen *seen_new(void);
void seen_free(struct seen *seen);

/* For `deliver`, with the seen as context: checks that none comes twice. */
bool seen_deliver(void *context, const struct job_result *result);

/* Runs them all, and checks that no child is left. */
struct seen *seen_run(uint32_t count, uint32_t workers,
                      void (*job)(void *, uint32_t, struct strbuf *));

/* Jobs: the square of the index; the same, slower at times. */
void square(void *context, uint32_t index, struct strbuf *answer);
void square_slowly(void *context, uint32_t index, struct strbuf *answer);

void sleep_ms(long ms);

#endif
