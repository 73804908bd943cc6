/*
 * base/jobs: results, cleanliness, and bad surroundings.
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

#include "base/jobs.h"
#include "support/seen.h"

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

static void each_result_comes_once(void **state)
{
    static const uint32_t workers[] = {1, 2, 8, 300};
    uint32_t before = open_descriptors();
    char text[32];

    (void)state;
    for (size_t w = 0; w < sizeof(workers) / sizeof(*workers); w++) {
        struct seen *seen = seen_run(200, workers[w], square_slowly);

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
    struct seen *seen = seen_run(0, 4, square);

    (void)state;
    assert_int_equal(seen->count, 0);
    seen_free(seen);
}

/* Counted where results are not. */
static bool count_down(void *context)
{
    struct seen *seen = context;

    return --seen->results[RESULTS_MAX - 1].index > 0;
}

static void parent_works_meanwhile(void **state)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 4,
        .worker_max = 2,
        .context = seen,
        .run = square_slowly,
        .deliver = seen_deliver,
        .meanwhile = count_down,
    };
    struct err err = {0};

    (void)state;
    seen->results[RESULTS_MAX - 1].index = 3;
    assert_true(jobs_run(&jobs, &err));
    assert_int_equal(seen->count, 4);
    assert_int_equal(seen->results[RESULTS_MAX - 1].index, 0);
    seen_free(seen);
}

/* The first one takes as long as the others together, and more. */
static void job_first_is_long(void *context, uint32_t index,
                              struct strbuf *answer)
{
    sleep_ms(index ? 1 : 1000);
    square(context, index, answer);
}

static bool deliver_until_first(void *context, const struct job_result *result)
{
    return seen_deliver(context, result) && result->index > 0;
}

static void nobody_waits_for_a_long_one(void **state)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 50,
        .worker_max = 2,
        .context = seen,
        .run = job_first_is_long,
        .deliver = deliver_until_first,
    };
    struct err err = {0};

    (void)state;
    assert_true(jobs_run(&jobs, &err));
    assert_int_equal(seen->count, 50);
    seen_free(seen);
}

static void workers_may_leave_later(void **state)
{
    struct seen *seen = seen_new();
    struct jobs_leaving leaving = {.arena = &seen->arena};
    struct jobs jobs = {
        .count = 4,
        .worker_max = 2,
        .context = seen,
        .run = square,
        .deliver = seen_deliver,
        .leaving = &leaving,
    };
    struct err err = {0};

    (void)state;
    assert_true(jobs_run(&jobs, &err));
    assert_int_equal(leaving.items.count, 2);
    jobs_leaving_wait(&leaving);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    jobs_leaving_wait(&leaving);
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
    struct seen *seen = seen_run(4, 2, job_large);

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(seen->results[i].outcome, JOB_DONE);
        assert_int_equal(seen->results[i].length, 5000 * 1000);
        assert_int_equal(seen->results[i].bytes[4999999], 'a' + (int)i);
    }
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
    struct seen *seen = seen_run(3, 2, job_chatty);

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
    struct seen *seen = seen_run(64, 8, job_finds_descriptor);
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
    struct seen *seen = seen_run(50, 1, job_shows_pid);

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
        .deliver = seen_deliver,
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
        .deliver = seen_deliver,
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

/* Speaks; every fourth one dies. */
static void job_dying(void *context, uint32_t index, struct strbuf *answer)
{
    square(context, index, answer);
    fprintf(stderr, "noise %u\n", index);
    puts("stdout is nobody's business");
    if (index % 4 == 1)
        abort();
}

static int closed_streams_child(void)
{
    struct seen *seen = seen_new();
    struct jobs jobs = {
        .count = 20,
        .worker_max = 2,
        .context = seen,
        .run = job_dying,
        .deliver = seen_deliver,
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
    seen = seen_run(200, 3, square_slowly);
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
                            .deliver = seen_deliver};
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
        cmocka_unit_test(each_result_comes_once),
        cmocka_unit_test(no_jobs_are_fine),
        cmocka_unit_test(parent_works_meanwhile),
        cmocka_unit_test(nobody_waits_for_a_long_one),
        cmocka_unit_test(workers_may_leave_later),
        cmocka_unit_test(answers_may_be_large_or_empty),
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
