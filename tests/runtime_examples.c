/*
 * The examples, run as a user runs them: those that should finish do, the
 * frozen one really freezes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt/executor.h>
#include <rt/time.h>

#include "support/mistakes.h"

/* What came of a run. `status` is the exit status, or minus the signal. */
struct run {
    int status;
    uint64_t ms;
    char output[512];
};

/* `name` may have up to two arguments behind it. */
static void child_exec(const char *name, const char *watchdog_ms, int output)
{
    char path[4096];
    char *arguments[3];

    snprintf(path, sizeof path, "%s/example_%s", RT_EXAMPLES_DIR, name);
    for (int i = 0; i < 3; i++)
        arguments[i] = strtok(i == 0 ? strrchr(path, '/') : NULL, " ");
    for (int i = 1; i < 3; i++)
        if (arguments[i])
            arguments[i][-1] = '\0';
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    setenv(RT_WATCHDOG_ENV, watchdog_ms, 1);
    execl(path, path, arguments[1], arguments[2], (char *)NULL);
    perror(path);
    _exit(127);
}

/* Waits for the end of a child; kills it after `limit_ms`. */
static int child_await(pid_t child, uint64_t limit_ms)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = 10 * 1000 * 1000};
    uint64_t start_ms = rt_now_ms();
    bool is_killed = false;
    int status;

    while (waitpid(child, &status, WNOHANG) == 0) {
        if (!is_killed && rt_now_ms() - start_ms >= limit_ms) {
            kill(child, SIGKILL);
            is_killed = true;
        }
        nanosleep(&pause, NULL);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static struct run example_run(const char *name, const char *watchdog_ms,
                              uint64_t limit_ms)
{
    struct run run = {0};
    uint64_t start_ms = rt_now_ms();
    ssize_t count;
    pid_t child;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child = fork();
    if (child == 0)
        child_exec(name, watchdog_ms, ends[1]);
    close(ends[1]);
    run.status = child_await(child, limit_ms);
    run.ms = rt_now_ms() - start_ms;
    count = read(ends[0], run.output, sizeof run.output - 1);
    run.output[count > 0 ? count : 0] = '\0';
    close(ends[0]);
    return run;
}

/* With a watchdog that is generous and must have nothing to say. */
static void example_check(const char *name, const char *said)
{
    struct run run = example_run(name, "20000", 30000);

    if (run.status != 0 || !strstr(run.output, said))
        print_message("%s: status %d, said: %s\n", name, run.status,
                      run.output);
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.output, said));
}

static void test_good_examples(void **state)
{
    (void)state;
    example_check("counter", "8000 in 4000 rounds\n");
    example_check("atomic_counter", "8000 without a lock\n");
    example_check("atomic_counter_bad", "8000 with a lock\n");
    example_check("graceful_stop", "100 served, 2 entries in the journal");
    example_check("session_service", "40 logins, 200 visits, 0 failures\n");
    example_check("bad_pattern", "4 reports, sum 28");
    example_check("good_pattern", "4 reports, sum 28");
    example_check("connection_pool", "20 queries over 4 connections");
    example_check("pool_bad", "20 queries over 1 connection,");
    example_check("pipeline", "40 numbers, sum ");
    example_check("pipeline_bad", "10 numbers, the heart missed beats");
}

static void test_chat_fixed_serves_both(void **state)
{
    (void)state;
    example_check("chat_fixed", "2 of 2 clients served\n");
}

/* Those that freeze: seen by the watchdog, which names the rule, and without it
 * never heard of again. */
static void frozen_check(const char *name, const char *rule)
{
    char expected[64];
    struct run run = example_run(name, "500", 10000);

    snprintf(expected, sizeof expected, "rt: watchdog: %s: ", rule);
    assert_int_equal(run.status, RT_WATCHDOG_EXIT);
    assert_non_null(strstr(run.output, expected));
    assert_true(run.ms <= 2000);
    run = example_run(name, "0", 1000);
    assert_int_equal(run.status, -SIGKILL);
    assert_string_equal(run.output, "");
}

static void test_frozen_examples(void **state)
{
    (void)state;
    frozen_check("chat_frozen", "blocking-lock-across-await");
    frozen_check("counter_bad", "self-deadlock");
    frozen_check("session_bad", "lock-leak");
}

/* Which function of the C library a worker is in is read from its stack, which
 * TSan keeps from us. */
#if defined(__SANITIZE_THREAD__)
#define IS_STACK_KNOWN false
#else
#define IS_STACK_KNOWN true
#endif

/* Each mistake is what the watchdog says, and its repair is none. */
static void test_mistakes_and_repairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char name[64];
        char expected[64];
        struct run run;

        if (!IS_STACK_KNOWN &&
            strcmp(mistakes[i], "condvar-wait-in-async") == 0)
            continue;
        snprintf(expected, sizeof expected, "rt: watchdog: %s: ", mistakes[i]);
        snprintf(name, sizeof name, "mistakes %s bad", mistakes[i]);
        run = example_run(name, "200", 10000);
        assert_int_equal(run.status, RT_WATCHDOG_EXIT);
        assert_non_null(strstr(run.output, expected));
        snprintf(name, sizeof name, "mistakes %s good", mistakes[i]);
        run = example_run(name, "5000", 10000);
        assert_int_equal(run.status, 0);
        assert_null(strstr(run.output, "watchdog"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_examples),
        cmocka_unit_test(test_chat_fixed_serves_both),
        cmocka_unit_test(test_frozen_examples),
        cmocka_unit_test(test_mistakes_and_repairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
