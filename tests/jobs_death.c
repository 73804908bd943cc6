/*
 * base/jobs: what a job costs that dies, hangs, eats or lies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/worker.h"
#include "support/seen.h"

#if defined(__SANITIZE_ADDRESS__)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

static void job_naughty(void *context, uint32_t index, struct strbuf *answer)
{
    square(context, index, answer);
    fprintf(stderr, "noise %u\n", index);
    puts("stdout is nobody's business");
    switch (index) {
    case 1:
        abort();
    case 2:
        signal(SIGSEGV, SIG_DFL); /* under ASan it would be a report */
        raise(SIGSEGV);
        break;
    case 3:
        _exit(0);
    case 4:
        exit(3);
    case 5:
        raise(SIGKILL);
        break;
    case 6:
        fputs("LLVM ERROR: out of memory\n", stderr);
        abort();
    case 7:
        die("out of memory: as base/arena says it");
    default:
        break;
    }
}

static void deaths_cost_themselves(void **state)
{
    static const enum job_outcome outcomes[] = {
        JOB_DONE,          JOB_CRASHED,       JOB_CRASHED,
        JOB_BAD_ANSWER,    JOB_BAD_ANSWER,    JOB_CRASHED,
        JOB_OUT_OF_MEMORY, JOB_OUT_OF_MEMORY, JOB_DONE};
    struct arena arena = {0};

    (void)state;
    for (uint32_t workers = 1; workers <= 3; workers += 2) {
        struct seen *seen = seen_run(9, workers, job_naughty);

        assert_int_equal(seen->count, 9);
        for (uint32_t i = 0; i < 9; i++) {
            const char *noise = arena_printf(&arena, "noise %u\n", i);

            assert_int_equal(seen->results[i].outcome, outcomes[i]);
            assert_memory_equal(seen->results[i].noise, noise, strlen(noise));
        }
        assert_int_equal(seen->results[1].signal, SIGABRT);
        assert_string_equal(job_outcome_text(&arena, &seen->results[2]),
                            "crashed (Segmentation fault)");
        assert_string_equal(seen->results[8].bytes, "64");
        seen_free(seen);
    }
    arena_finish(&arena);
}

static int own_socket(void)
{
    struct stat info;

    for (int fd = 3; fd < 64; fd++)
        if (!fstat(fd, &info) && S_ISSOCK(info.st_mode))
            return fd;
    return -1;
}

/* What a broken worker could say: a wrong magic, half a header, a header that
 * promises more than comes, one that promises too much, wrong bytes. */
static void job_lying(void *context, uint32_t index, struct strbuf *answer)
{
    struct worker_header header = {
        .magic = WORKER_MAGIC, .index = index, .length = 4, .checksum = 1};
    size_t length = index == 2 ? sizeof(header) / 2 : sizeof(header);

    square(context, index, answer);
    if (index == 0 || index > 6)
        return;
    if (index == 1)
        header.magic++;
    if (index == 4)
        header.length = UINT64_MAX;
    if (index == 6)
        header.index++;
    if (write(own_socket(), &header, length) < 0)
        return;
    if (index == 5 && write(own_socket(), "abcd", 4) < 0)
        return;
    if (index != 5)
        _exit(0);
}

static void lies_are_seen(void **state)
{
    struct seen *seen = seen_run(9, 2, job_lying);

    (void)state;
    for (uint32_t i = 0; i < 9; i++)
        assert_int_equal(seen->results[i].outcome,
                         i == 0 || i > 6 ? JOB_DONE : JOB_BAD_ANSWER);
    assert_string_equal(seen->results[8].bytes, "64");
    seen_free(seen);
}

static void job_hanging(void *context, uint32_t index, struct strbuf *answer)
{
    volatile uint32_t spins = 0;

    square(context, index, answer);
    if (index == 1)
        sleep_ms(PATIENCE_MS);
    while (index == 2)
        spins++;
}

static void hanging_jobs_time_out(void **state)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 5,
        .worker_max = 2,
        .timeout_ms = 200,
        .context = seen,
        .run = job_hanging,
        .deliver = seen_deliver,
    };
    struct err err = {0};

    (void)state;
    assert_true(jobs_run(&jobs, &err));
    assert_int_equal(seen->count, 5);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(seen->results[i].outcome,
                         i == 1 || i == 2 ? JOB_TIMED_OUT : JOB_DONE);
    seen_free(seen);
}

static void job_greedy(void *context, uint32_t index, struct strbuf *answer)
{
    square(context, index, answer);
    while (index == 1)
        memset(arena_alloc(answer->arena, 1 << 20), 1, 1 << 20);
}

static void greedy_jobs_run_out_of_memory(void **state)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 3,
        .worker_max = 1,
        .timeout_ms = PATIENCE_MS,
        .memory_mib = 256,
        .context = seen,
        .run = job_greedy,
        .deliver = seen_deliver,
    };
    struct err err = {0};

    (void)state;
    if (is_sanitized) { /* no limit there, see worker.c */
        seen_free(seen);
        skip();
    }
    assert_true(jobs_run(&jobs, &err));
    assert_int_equal(seen->results[0].outcome, JOB_DONE);
    assert_int_equal(seen->results[1].outcome, JOB_OUT_OF_MEMORY);
    assert_int_equal(seen->results[2].outcome, JOB_DONE);
    seen_free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths_cost_themselves),
        cmocka_unit_test(lies_are_seen),
        cmocka_unit_test(hanging_jobs_time_out),
        cmocka_unit_test(greedy_jobs_run_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
