/*
 * The watchdog: each kind of stall ends a process with the right rule on
 * stderr, and a program that behaves is left alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
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

#include <rt.h>

#define LIMIT_MS 200

/* Stalls for far longer than the limit, not for ever: a watchdog that sleeps
 * must fail the test, not hang it. */
#define STALL_S 10

ASYNC static void *blocks(void *arg)
{
    (void)arg;
    await rt_yield();
    sleep(STALL_S);
    return NULL;
}

ASYNC static void *locks_twice(void *arg)
{
    blocking_mutex_lock(arg);
    await rt_yield();
    alarm(STALL_S);
    blocking_mutex_lock(arg);
    return NULL;
}

/* Both tasks do this: the second one finds the lock taken by the first, which
 * is suspended. */
ASYNC static void *sleeps_with_lock(void *arg)
{
    guard(blocking_mutex)(arg);
    await rt_sleep_ms(STALL_S * 1000);
    return NULL;
}

ASYNC static void *holds_across(void *arg)
{
    rt_detach(rt_spawn(sleeps_with_lock, arg));
    await rt_sleep_ms(20);
    rt_detach(rt_spawn(sleeps_with_lock, arg));
    return NULL;
}

static void *holds_as_job(void *arg)
{
    guard(blocking_mutex)(arg);
    sleep(STALL_S);
    return NULL;
}

ASYNC static void *waits_for_job(void *arg)
{
    rt_detach(rt_spawn_blocking(holds_as_job, arg));
    await rt_sleep_ms(50);
    guard(blocking_mutex)(arg);
    return NULL;
}

ASYNC static void *behaves(void *arg)
{
    (void)arg;
    for (int i = 0; i < 30; i++)
        await rt_sleep_ms(LIMIT_MS / 10);
    return NULL;
}

/* Runs entry in a child of its own; what it said on stderr is in `said`. */
static int child_run(rt_task_fn *entry, int workers, char said[256])
{
    struct rt_config config = {
        .workers = workers,
        .watchdog_ms = LIMIT_MS,
        .drain = true,
    };
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;
    size_t length = 0;
    int status;
    int ends[2];
    ssize_t count;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        _exit(rt_block_on(&config, entry, &mutex) == 0 ? 0 : 1);
    }
    close(ends[1]);
    while (length < 255 &&
           (count = read(ends[0], said + length, 255 - length)) > 0)
        length += (size_t)count;
    said[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void stall_check(rt_task_fn *entry, int workers, const char *rule)
{
    char expected[64];
    char said[256];

    snprintf(expected, sizeof expected, "rt: watchdog: %s: worker ", rule);
    assert_int_equal(child_run(entry, workers, said), RT_WATCHDOG_EXIT);
    assert_memory_equal(said, expected, strlen(expected));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void test_blocking_call(void **state)
{
    (void)state;
    stall_check(blocks, 1, "blocking-call-in-async");
    stall_check(blocks, 3, "blocking-call-in-async");
}

static void test_lock_across_await(void **state)
{
    (void)state;
    stall_check(holds_across, 1, "blocking-lock-across-await");
    stall_check(holds_across, 3, "blocking-lock-across-await");
}

static void test_self_deadlock(void **state)
{
    (void)state;
    stall_check(locks_twice, 1, "self-deadlock");
}

static void test_lock_held_elsewhere(void **state)
{
    (void)state;
    stall_check(waits_for_job, 1, "blocking-lock-in-async");
}

static void test_good_program(void **state)
{
    char said[256];

    (void)state;
    assert_int_equal(child_run(behaves, 1, said), 0);
    assert_string_equal(said, "");
    assert_int_equal(child_run(behaves, 2, said), 0);
}

static void test_environment_overrides(void **state)
{
    char said[256];

    (void)state;
    setenv(RT_WATCHDOG_ENV, "0", 1);
    assert_int_equal(child_run(behaves, 1, said), 0);
    setenv(RT_WATCHDOG_ENV, "300", 1);
    assert_int_equal(child_run(blocks, 1, said), RT_WATCHDOG_EXIT);
    unsetenv(RT_WATCHDOG_ENV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocking_call),
        cmocka_unit_test(test_lock_across_await),
        cmocka_unit_test(test_self_deadlock),
        cmocka_unit_test(test_lock_held_elsewhere),
        cmocka_unit_test(test_good_program),
        cmocka_unit_test(test_environment_overrides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
