/*
 * The watchdog: each kind of mistake ends a process with the right rule and
 * place on stderr, and a program that behaves is left alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/child.h"

/* TSan holds signals back while a thread is in a system call of its own, and so
 * the stack of a worker is not to be had. */
#if defined(__SANITIZE_THREAD__)
#define IS_STACK_EXPECTED false
#define LIMIT_MS 500
#else
#define IS_STACK_EXPECTED true
#define LIMIT_MS 200
#endif

#define SAID_SIZE 1024

/* Stalls for far longer than the limit, not for ever: a watchdog that sleeps
 * must fail the test, not hang it. */
#define STALL_S 10

/* What a bad task may use. */
struct world {
    struct blocking_mutex mutex;
    struct blocking_condvar condvar;
    struct async_mutex async;
    struct async_rwlock rwlock;
    pthread_mutex_t thread_mutex;
    pthread_cond_t thread_condition;
};

ASYNC static void *blocks(void *arg)
{
    (void)arg;
    await rt_yield();
    sleep(STALL_S);
    return NULL;
}

ASYNC static void *computes(void *arg)
{
    volatile unsigned sum = 0;

    (void)arg;
    for (uint64_t start = rt_now_ms(); rt_now_ms() - start < STALL_S * 1000;)
        sum += 1;
    return NULL;
}

ASYNC static void *locks_twice(void *arg)
{
    struct world *world = arg;

    blocking_mutex_lock(&world->mutex);
    blocking_mutex_lock(&world->mutex);
    return NULL;
}

ASYNC static void *locks_twice_async(void *arg)
{
    struct world *world = arg;

    await guard(async_mutex)(&world->async);
    await rt_yield();
    await async_mutex_lock(&world->async);
    return NULL;
}

ASYNC static void *writes_while_reading(void *arg)
{
    struct world *world = arg;

    await guard(async_rwlock_read)(&world->rwlock);
    await guard(async_rwlock_write)(&world->rwlock);
    return NULL;
}

ASYNC static void *holds_across(void *arg)
{
    struct world *world = arg;

    guard(blocking_mutex)(&world->mutex);
    await rt_sleep_ms(STALL_S * 1000);
    return NULL;
}

ASYNC static void *holds_async_across(void *arg)
{
    struct world *world = arg;

    await guard(async_mutex)(&world->async);
    await rt_sleep_ms(STALL_S * 1000);
    return NULL;
}

ASYNC static void *keeps(void *arg)
{
    struct world *world = arg;

    await async_mutex_lock(&world->async);
    return NULL;
}

ASYNC static void *keeps_blocking(void *arg)
{
    struct world *world = arg;

    return blocking_mutex_try_lock(&world->mutex) ? arg : NULL;
}

static void *holds_as_job(void *arg)
{
    struct world *world = arg;

    guard(blocking_mutex)(&world->mutex);
    sleep(STALL_S);
    return NULL;
}

ASYNC static void *waits_for_job(void *arg)
{
    struct world *world = arg;

    rt_detach(rt_spawn_blocking(holds_as_job, arg));
    await rt_sleep_ms(50);
    guard(blocking_mutex)(&world->mutex);
    return NULL;
}

ASYNC static void *waits_for_condition(void *arg)
{
    struct world *world = arg;

    guard(blocking_mutex)(&world->mutex);
    blocking_condvar_wait(&world->condvar, &world->mutex);
    return NULL;
}

ASYNC static void *waits_for_thread(void *arg)
{
    struct world *world = arg;

    pthread_mutex_lock(&world->thread_mutex);
    pthread_cond_wait(&world->thread_condition, &world->thread_mutex);
    pthread_mutex_unlock(&world->thread_mutex);
    return NULL;
}

ASYNC static void *locks_thread_twice(void *arg)
{
    struct world *world = arg;

    pthread_mutex_lock(&world->thread_mutex);
    pthread_mutex_lock(&world->thread_mutex);
    return NULL;
}

ASYNC static void *blocks_on(void *arg)
{
    rt_block_on(NULL, blocks, arg);
    return NULL;
}

static void *checks(void *arg)
{
    return rt_thread_bound_check(arg) ? NULL : arg;
}

/* Two that are ready are one too many for a worker, and another comes. */
ASYNC static void *uses_elsewhere(void *arg)
{
    struct rt_thread_bound bound = rt_thread_bound_here();

    (void)arg;
    rt_thread_bound_check(&bound);
    for (int i = 0; i < 2000; i++) {
        struct rt_join_handle *one = rt_spawn(checks, &bound);
        struct rt_join_handle *other = rt_spawn(checks, &bound);

        usleep(1000);
        await rt_yield();
        await rt_join(one, NULL);
        await rt_join(other, NULL);
    }
    return NULL;
}

ASYNC static void *behaves(void *arg)
{
    struct world *world = arg;
    struct rt_thread_bound bound = rt_thread_bound_here();

    rt_thread_bound_check(&bound);
    for (int i = 0; i < 12; i++) {
        await scoped_guard(async_mutex, &world->async)
            await scoped_guard(async_rwlock_read, &world->rwlock) await
            rt_yield();
        scoped_guard(blocking_mutex, &world->mutex)
            continue;
        await rt_sleep_ms(LIMIT_MS / 10);
    }
    return NULL;
}

/* Runs entry in a child of its own; what it said on stderr is in `said`. */
static int child_run(rt_task_fn *entry, int workers, char said[SAID_SIZE])
{
    struct rt_config config = {
        .workers = workers,
        .watchdog_ms = LIMIT_MS,
        .drain = true,
    };
    struct world world = {
        .thread_mutex = PTHREAD_MUTEX_INITIALIZER,
        .thread_condition = PTHREAD_COND_INITIALIZER,
    };
    struct child child;
    int status;

    if (!child_start(&child))
        _exit(rt_block_on(&config, entry, &world) == 0 ? 0 : 1);
    status = child_end(&child, said, SAID_SIZE);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Does it end the process, with one line that has the rule? If addr2line is
 * there, and the rule has a place, the line says where. */
static void mistake_check(rt_task_fn *entry, int workers, const char *rule,
                          const char *function)
{
    char expected[64];
    char said[SAID_SIZE];

    snprintf(expected, sizeof expected, "rt: watchdog: %s: ", rule);
    assert_int_equal(child_run(entry, workers, said), RT_WATCHDOG_EXIT);
    if (strncmp(said, expected, strlen(expected)) != 0)
        fail_msg("not %s, but: %s", rule, said);
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    if (IS_STACK_EXPECTED && system("command -v addr2line >/dev/null") == 0 &&
        (!strstr(said, function) || !strstr(said, "runtime_watchdog.c:")))
        fail_msg("%s is not at %s: %s", rule, function, said);
}

static void test_at_once(void **state)
{
    (void)state;
    mistake_check(holds_across, 1, "blocking-lock-across-await",
                  "(holds_across), taken at ");
    mistake_check(holds_across, 3, "blocking-lock-across-await",
                  "(holds_across), taken at ");
    mistake_check(locks_twice, 1, "self-deadlock", "(locks_twice)");
    mistake_check(locks_twice_async, 1, "self-deadlock",
                  "(locks_twice_async), taken at ");
    mistake_check(writes_while_reading, 2, "self-deadlock",
                  "(writes_while_reading), taken at ");
    mistake_check(keeps, 1, "lock-leak", "taken at ");
    mistake_check(keeps_blocking, 2, "lock-leak", "(keeps_blocking)");
    mistake_check(waits_for_condition, 1, "condvar-wait-in-async",
                  "(waits_for_condition)");
    mistake_check(blocks_on, 1, "block-on-in-async", "(blocks_on)");
    mistake_check(uses_elsewhere, 2, "thread-affine-across-await", "(");
}

static void test_after_the_limit(void **state)
{
    (void)state;
    mistake_check(blocks, 1, "blocking-call-in-async", "(blocks)");
    mistake_check(blocks, 3, "blocking-call-in-async", "(blocks)");
    mistake_check(computes, 1, "task-never-yields", "(computes)");
    mistake_check(waits_for_job, 1, "blocking-lock-in-async",
                  "(waits_for_job)");
    if (IS_STACK_EXPECTED) {
        mistake_check(waits_for_thread, 2, "condvar-wait-in-async",
                      "(waits_for_thread)");
        mistake_check(locks_thread_twice, 1, "blocking-lock-in-async",
                      "(locks_thread_twice)");
    }
    mistake_check(holds_async_across, 1, "async-lock-across-await",
                  "(holds_async_across), taken at ");
}

static void test_good_program(void **state)
{
    char said[SAID_SIZE];

    (void)state;
    assert_int_equal(child_run(behaves, 1, said), 0);
    assert_string_equal(said, "");
    assert_int_equal(child_run(behaves, 2, said), 0);
    assert_string_equal(said, "");
}

static void test_environment_overrides(void **state)
{
    char said[SAID_SIZE];

    (void)state;
    setenv(RT_WATCHDOG_ENV, "0", 1);
    assert_int_equal(child_run(keeps, 1, said), 0);
    assert_string_equal(said, "");
    setenv(RT_WATCHDOG_ENV, "300", 1);
    assert_int_equal(child_run(keeps, 1, said), RT_WATCHDOG_EXIT);
    setenv(RT_WATCHDOG_CONTINUE_ENV, "1", 1);
    assert_int_equal(child_run(keeps, 1, said), 0);
    assert_non_null(strstr(said, "lock-leak"));
    unsetenv(RT_WATCHDOG_CONTINUE_ENV);
    unsetenv(RT_WATCHDOG_ENV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_after_the_limit),
        cmocka_unit_test(test_good_program),
        cmocka_unit_test(test_environment_overrides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
