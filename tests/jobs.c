/*
 * base/jobs: order, limits, and what a dying job costs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/jobs.h"
#include "base/worker.h"

enum { RESULTS_MAX = 4096, PATIENCE_MS = 20000 };

#if defined(__SANITIZE_ADDRESS__)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

struct seen {
    struct arena arena;
    uint32_t count;
    uint32_t stop_after;
    struct job_result results[RESULTS_MAX];
};

static struct seen *seen_new(void)
{
    struct seen *seen = calloc(1, sizeof(*seen));

    assert_non_null(seen);
    return seen;
}

static void seen_free(struct seen *seen)
{
    arena_finish(&seen->arena);
    free(seen);
}

static bool deliver(void *context, const struct job_result *result)
{
    struct seen *seen = context;
    struct job_result *copy = &seen->results[seen->count];

    assert_true(seen->count < RESULTS_MAX);
    assert_int_equal(result->index, seen->count);
    *copy = *result;
    copy->noise = arena_strdup(&seen->arena, result->noise);
    copy->bytes = arena_strndup(&seen->arena, result->bytes, result->length);
    seen->count++;
    return seen->count != seen->stop_after;
}

static void sleep_ms(long ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&left, &left) && errno == EINTR)
        ;
}

static void square(void *context, uint32_t index, struct strbuf *answer)
{
    (void)context;
    strbuf_printf(answer, "%u", index * index);
}

/* The first ones take longest, so that all finish out of order. */
static void square_slowly(void *context, uint32_t index, struct strbuf *answer)
{
    sleep_ms(index % 8 ? 1 : 20);
    square(context, index, answer);
}

static struct seen *run(uint32_t count, uint32_t workers,
                        void (*job)(void *, uint32_t, struct strbuf *))
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = count,
        .worker_max = workers,
        .timeout_ms = PATIENCE_MS,
        .context = seen,
        .run = job,
        .deliver = deliver,
    };
    struct err err = {0};

    if (!jobs_run(&jobs, &err))
        fail_msg("%s", err.text);
    /* No zombies, and no children that go on. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return seen;
}

static uint32_t open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    uint32_t count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void results_come_in_order(void **state)
{
    static const uint32_t workers[] = {1, 2, 8, 300};
    uint32_t before = open_descriptors();
    char text[32];

    (void)state;
    for (size_t w = 0; w < sizeof(workers) / sizeof(*workers); w++) {
        struct seen *seen = run(200, workers[w], square_slowly);

        assert_int_equal(seen->count, 200);
        for (uint32_t i = 0; i < 200; i++) {
            snprintf(text, sizeof(text), "%u", i * i);
            assert_int_equal(seen->results[i].outcome, JOB_DONE);
            assert_string_equal(seen->results[i].bytes, text);
        }
        seen_free(seen);
    }
    assert_int_equal(open_descriptors(), before);
}

static void no_jobs_are_fine(void **state)
{
    struct seen *seen = run(0, 4, square);

    (void)state;
    assert_int_equal(seen->count, 0);
    seen_free(seen);
}

static void job_large(void *context, uint32_t index, struct strbuf *answer)
{
    char line[1000];

    (void)context;
    memset(line, 'a' + (int)index, sizeof(line));
    for (int i = 0; i < 5000; i++)
        strbuf_add_bytes(answer, line, sizeof(line));
}

static void answers_may_be_large_or_empty(void **state)
{
    struct seen *seen = run(4, 2, job_large);

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(seen->results[i].outcome, JOB_DONE);
        assert_int_equal(seen->results[i].length, 5000 * 1000);
        assert_int_equal(seen->results[i].bytes[4999999], 'a' + (int)i);
    }
    seen_free(seen);
}

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
        struct seen *seen = run(9, workers, job_naughty);

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
    struct seen *seen = run(9, 2, job_lying);

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
        .deliver = deliver,
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
        .deliver = deliver,
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

static void job_chatty(void *context, uint32_t index, struct strbuf *answer)
{
    for (int i = 0; i < 20000; i++)
        fprintf(stderr, "%u: line %d\n", index, i);
    square(context, index, answer);
}

static void noise_is_cut(void **state)
{
    struct seen *seen = run(3, 2, job_chatty);

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(seen->results[i].outcome, JOB_DONE);
        assert_int_equal(strlen(seen->results[i].noise), 64 << 10);
        assert_int_equal(seen->results[i].noise[0], '0' + (int)i);
    }
    seen_free(seen);
}

static void job_finds_descriptor(void *context, uint32_t index,
                                 struct strbuf *answer)
{
    char byte;

    (void)context;
    strbuf_printf(answer, "%u %zd %d", index, read(STDIN_FILENO, &byte, 1),
                  (int)open_descriptors());
}

/* stdin is empty, and a worker holds the same descriptors whether it was the
 * first or the last one started. */
static void workers_are_clean(void **state)
{
    struct seen *seen = run(64, 8, job_finds_descriptor);
    struct arena arena = {0};
    const char *tail = strrchr(seen->results[0].bytes, ' ');

    (void)state;
    for (uint32_t i = 0; i < 64; i++)
        assert_string_equal(seen->results[i].bytes,
                            arena_printf(&arena, "%u 0%s", i, tail));
    arena_finish(&arena);
    seen_free(seen);
}

static void job_shows_pid(void *context, uint32_t index, struct strbuf *answer)
{
    (void)context;
    (void)index;
    strbuf_printf(answer, "%d", (int)getpid());
}

static void workers_are_kept(void **state)
{
    struct seen *seen = run(50, 1, job_shows_pid);

    (void)state;
    for (uint32_t i = 1; i < 50; i++)
        assert_string_equal(seen->results[i].bytes, seen->results[0].bytes);
    seen_free(seen);
}

static void delivery_can_stop(void **state)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 1000,
        .worker_max = 4,
        .context = seen,
        .run = square_slowly,
        .deliver = deliver,
    };
    struct err err = {0};

    (void)state;
    seen->stop_after = 3;
    assert_true(jobs_run(&jobs, &err));
    assert_int_equal(seen->count, 3);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    seen_free(seen);
}

/* In a child, since a lowered limit can't be seen by later tests. */
static int few_descriptors_child(void)
{
    struct rlimit limit = {16, 16};
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 100,
        .worker_max = 8,
        .context = seen,
        .run = square,
        .deliver = deliver,
    };
    struct err err = {0};

    for (int fd = 3; fd < 256; fd++)
        close(fd);
    if (setrlimit(RLIMIT_NOFILE, &limit) || !jobs_run(&jobs, &err))
        return 1;
    for (uint32_t i = 0; i < 100; i++)
        if (seen->results[i].outcome != JOB_DONE)
            return 2;
    return seen->count == 100 ? 0 : 3;
}

static int closed_streams_child(void)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 20,
        .worker_max = 2,
        .context = seen,
        .run = job_naughty,
        .deliver = deliver,
    };
    struct err err = {0};

    close(0);
    close(1);
    close(2);
    if (!jobs_run(&jobs, &err))
        return 1;
    if (seen->count != 20 || seen->results[19].outcome != JOB_DONE)
        return 2;
    return strcmp(seen->results[19].noise, "noise 19\n") ? 3 : 0;
}

static int status_in_child(int (*body)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(body());
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void sixteen_descriptors_are_enough(void **state)
{
    (void)state;
    assert_int_equal(status_in_child(few_descriptors_child), 0);
}

static void closed_streams_are_no_trouble(void **state)
{
    (void)state;
    assert_int_equal(status_in_child(closed_streams_child), 0);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
}

/* A signal every millisecond interrupts everything that can be. */
static void interruptions_are_no_trouble(void **state)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct sigaction before;
    timer_t timer;
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    struct seen *seen;

    (void)state;
    sigaction(SIGALRM, &action, &before);
    assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    timer_settime(timer, 0, &often, NULL);
    seen = run(200, 3, square_slowly);
    timer_delete(timer);
    sigaction(SIGALRM, &before, NULL);
    assert_int_equal(seen->count, 200);
    assert_string_equal(seen->results[199].bytes, "39601");
    seen_free(seen);
}

static void job_writes_pid(void *context, uint32_t index, struct strbuf *answer)
{
    int *link = context;
    pid_t pid = getpid();

    (void)index;
    (void)answer;
    if (write(*link, &pid, sizeof(pid)) == sizeof(pid))
        sleep_ms(PATIENCE_MS);
}

/* Kills a parent in the midst of its jobs, and waits for its worker's end of
 * the pipe to be closed. */
static void workers_die_with_their_parent(void **state)
{
    int link[2];
    pid_t parent;
    pid_t worker = 0;
    char byte;

    (void)state;
    assert_int_equal(pipe(link), 0);
    parent = fork();
    if (parent == 0) {
        struct jobs jobs = {.count = 1,
                            .worker_max = 1,
                            .context = &link[1],
                            .run = job_writes_pid,
                            .deliver = deliver};
        struct err err = {0};

        close(link[0]);
        jobs_run(&jobs, &err);
        _exit(0);
    }
    close(link[1]);
    assert_int_equal(read(link[0], &worker, sizeof(worker)), sizeof(worker));
    kill(parent, SIGKILL);
    assert_int_equal(read(link[0], &byte, 1), 0);
    close(link[0]);
    waitpid(parent, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_in_order),
        cmocka_unit_test(no_jobs_are_fine),
        cmocka_unit_test(answers_may_be_large_or_empty),
        cmocka_unit_test(deaths_cost_themselves),
        cmocka_unit_test(lies_are_seen),
        cmocka_unit_test(hanging_jobs_time_out),
        cmocka_unit_test(greedy_jobs_run_out_of_memory),
        cmocka_unit_test(noise_is_cut),
        cmocka_unit_test(workers_are_clean),
        cmocka_unit_test(workers_are_kept),
        cmocka_unit_test(delivery_can_stop),
        cmocka_unit_test(sixteen_descriptors_are_enough),
        cmocka_unit_test(closed_streams_are_no_trouble),
        cmocka_unit_test(interruptions_are_no_trouble),
        cmocka_unit_test(workers_die_with_their_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
