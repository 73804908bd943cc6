/*
 * See seen.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

struct seen *seen_new(void)
{
    struct seen *seen = calloc(1, sizeof(*seen));

    assert_non_null(seen);
    return seen;
}

void seen_free(struct seen *seen)
{
    arena_finish(&seen->arena);
    free(seen);
}

bool seen_deliver(void *context, const struct job_result *result)
{
    struct seen *seen = context;
    struct job_result *copy = &seen->results[result->index];

    assert_true(result->index < RESULTS_MAX);
    assert_null(copy->bytes);
    *copy = *result;
    copy->noise = arena_strdup(&seen->arena, result->noise);
    copy->bytes = arena_strndup(&seen->arena, result->bytes, result->length);
    seen->count++;
    return seen->count != seen->stop_after;
}

void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&left, &left) && errno == EINTR)
        ;
}

void square(void *context, uint32_t index, struct strbuf *answer)
{
    (void)context;
    strbuf_printf(answer, "%u", index * index);
}

/* The first ones take longest, so that all finish out of order. */
void square_slowly(void *context, uint32_t index, struct strbuf *answer)
{
    sleep_ms(index % 8 ? 1 : 20);
    square(context, index, answer);
}

struct seen *seen_run(uint32_t count, uint32_t workers,
                      void (*job)(void *, uint32_t, struct strbuf *))
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = count,
        .worker_max = workers,
        .timeout_ms = PATIENCE_MS,
        .context = seen,
        .run = job,
        .deliver = seen_deliver,
    };
    struct err err = {0};

    if (!jobs_run(&jobs, &err))
        fail_msg("%s", err.text);
    /* No zombies, and no children that go on. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return seen;
}
