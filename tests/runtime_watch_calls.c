/*
 * What a program sees at once that is linked with rt_watch_calls: blocking
 * calls, and locks of pthread, in a task and nowhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/child.h"

/* No stall is to be seen here: what is told is told at once. */
#define LIMIT_MS 60000
#define SAID_SIZE 1024

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

ASYNC static void *sleeps(void *arg)
{
    usleep(1);
    return arg;
}

ASYNC static void *syncs(void *arg)
{
    fsync(STDIN_FILENO);
    return arg;
}

ASYNC static void *reads(void *arg)
{
    char byte;
    int ends[2];

    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1)
        return NULL;
    return read(ends[0], &byte, 1) == 1 ? arg : NULL;
}

ASYNC static void *waits(void *arg)
{
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

    pthread_mutex_lock(&mutex);
    pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
    return arg;
}

ASYNC static void *holds_across(void *arg)
{
    pthread_mutex_lock(&mutex);
    await rt_yield();
    pthread_mutex_unlock(&mutex);
    return arg;
}

ASYNC static void *locks_twice(void *arg)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
    return arg;
}

ASYNC static void *keeps(void *arg)
{
    pthread_mutex_trylock(&mutex);
    return arg;
}

static void *blocks_as_job(void *arg)
{
    usleep(1);
    return arg;
}

ASYNC static void *behaves(void *arg)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t recursive;
    char byte;
    int ends[2];

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&recursive, &attr);
    pthread_mutex_lock(&recursive);
    pthread_mutex_lock(&recursive);
    pthread_mutex_unlock(&recursive);
    pthread_mutex_unlock(&recursive);
    await rt_yield();
    await rt_join(rt_spawn_blocking(blocks_as_job, arg), NULL);
    poll(NULL, 0, 0);
    if (pipe2(ends, O_NONBLOCK) != 0 || read(ends[0], &byte, 1) > 0)
        return NULL;
    return arg;
}

static int child_run(rt_task_fn *entry, char said[SAID_SIZE])
{
    struct rt_config config = {.workers = 2, .watchdog_ms = LIMIT_MS};
    struct child child;
    int status;

    if (!child_start(&child))
        _exit(rt_block_on(&config, entry, NULL) == 0 ? 0 : 1);
    status = child_end(&child, said, SAID_SIZE);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void mistake_check(rt_task_fn *entry, const char *rule)
{
    char expected[64];
    char said[SAID_SIZE];

    snprintf(expected, sizeof expected, "rt: watchdog: %s: a task ", rule);
    assert_int_equal(child_run(entry, said), RT_WATCHDOG_EXIT);
    if (strncmp(said, expected, strlen(expected)) != 0)
        fail_msg("not %s, but: %s", rule, said);
}

static void test_mistakes(void **state)
{
    (void)state;
    mistake_check(sleeps, "blocking-call-in-async");
    mistake_check(syncs, "blocking-call-in-async");
    mistake_check(reads, "blocking-call-in-async");
    mistake_check(waits, "condvar-wait-in-async");
    mistake_check(holds_across, "blocking-lock-across-await");
    mistake_check(locks_twice, "self-deadlock");
    mistake_check(keeps, "lock-leak");
}

static void test_good_program(void **state)
{
    char said[SAID_SIZE];

    (void)state;
    assert_int_equal(child_run(behaves, said), 0);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_good_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
