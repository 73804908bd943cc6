/*
 * At the edges: times that are 0 or for ever, counts that are too large,
 * handles that are given up in every order, tasks that are started too late,
 * and what happens when memory, threads or descriptors run out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <rt.h>

#include "support/child.h"

/* Sanitizers map more than any limit allows. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_CAN_BE_LIMITED false
#else
#define MEMORY_CAN_BE_LIMITED true
#endif

/* Around each place where milliseconds could turn into something else. */
static const uint64_t ages[] = {
    UINT64_MAX,
    UINT64_MAX - 1,
    UINT64_MAX / 1000000,
    UINT64_MAX / 1000000 + 1,
    UINT64_MAX / 2000000,
    UINT64_MAX / 2000000 + 1,
    INT64_MAX,
    (uint64_t)INT32_MAX + 1,
    (uint64_t)1 << 45,
};
#define AGES (sizeof ages / sizeof ages[0])

struct waiter {
    uint64_t ms;
    int way;
    int64_t status;
};

static struct async_mutex taken_mutex;
static struct notify silent;
static struct semaphore empty;

#define WAYS 6

ASYNC static void *waits(void *arg)
{
    struct waiter *waiter = arg;
    struct rt_future future = rt_sleep_future(waiter->ms);
    struct rt_interval interval;

    switch (waiter->way) {
    case 0:
        waiter->status = await rt_sleep_ms(waiter->ms);
        break;
    case 1:
        waiter->status =
            await async_mutex_lock_timeout_ms(&taken_mutex, waiter->ms);
        break;
    case 2:
        waiter->status = await notify_wait_timeout_ms(&silent, waiter->ms);
        break;
    case 3:
        waiter->status =
            await semaphore_acquire_timeout_ms(&empty, 1, waiter->ms);
        break;
    case 4:
        waiter->status = await rt_await(&future);
        break;
    default:
        rt_interval_init(&interval, waiter->ms);
        waiter->status = await rt_interval_tick(&interval);
    }
    return NULL;
}

/* All of them wait, and go on waiting, until they are cancelled. */
ASYNC static void *ages_pass(void *unused)
{
    static struct waiter waiters[WAYS][AGES];
    static struct rt_join_handle *handles[WAYS][AGES];

    (void)unused;
    for (int way = 0; way < WAYS; way++)
        for (size_t i = 0; i < AGES; i++) {
            waiters[way][i] = (struct waiter){.ms = ages[i], .way = way};
            handles[way][i] = rt_spawn(waits, &waiters[way][i]);
        }
    await rt_sleep_ms(30);
    for (int way = 0; way < WAYS; way++)
        for (size_t i = 0; i < AGES; i++) {
            struct rt_join_handle *handle = handles[way][i];

            assert_int_equal(await rt_join_timeout_ms(handle, NULL, 0),
                             -ETIMEDOUT);
            rt_cancel(handle);
            assert_int_equal(await rt_join(handle, NULL), -ECANCELED);
            assert_int_equal(waiters[way][i].status, -ECANCELED);
        }
    return NULL;
}

/* Nothing waits; the interval's period of 0 is one of 1. */
ASYNC static void *no_time_passes(void *unused)
{
    uint64_t before_ms = rt_now_ms();

    (void)unused;
    for (int way = 0; way < WAYS; way++) {
        struct waiter waiter = {.ms = 0, .way = way};

        await waits(&waiter);
        if (way == 1 || way == 2 || way == 3)
            assert_int_equal(waiter.status, -ETIMEDOUT);
        else
            assert_true(waiter.status >= 0);
    }
    assert_true(rt_now_ms() - before_ms < 1000);
    return NULL;
}

static void test_times(void **state)
{
    (void)state;
    assert_true(async_mutex_try_lock(&taken_mutex));
    assert_int_equal(rt_block_on(NULL, ages_pass, NULL), 0);
    assert_int_equal(rt_block_on(NULL, no_time_passes, NULL), 0);
    async_mutex_unlock(&taken_mutex);
}

/* In a process of its own; returns what waitpid says, and the end of what it
 * has written to stderr. */
static int in_a_child(void (*run)(void), char *text, size_t size)
{
    struct child child;

    if (!child_start(&child)) {
        signal(SIGABRT, SIG_DFL);
        run();
        _exit(0);
    }
    return child_end(&child, text, size);
}

static void releases_too_much(void)
{
    struct semaphore semaphore;

    semaphore_init(&semaphore, UINT32_MAX);
    semaphore_release(&semaphore, 1);
}

ASYNC static void *wants_much(void *arg)
{
    struct semaphore *semaphore = arg;

    await semaphore_acquire(semaphore, UINT32_MAX);
    return semaphore;
}

ASYNC static void *gives_much(void *arg)
{
    struct semaphore *semaphore = arg;
    struct rt_join_handle *handle = rt_spawn(wants_much, semaphore);
    void *result = NULL;

    assert_int_equal(await rt_join_timeout_ms(handle, NULL, 5), -ETIMEDOUT);
    semaphore_release(semaphore, UINT32_MAX - 1);
    assert_int_equal(await rt_join(handle, &result), 0);
    assert_ptr_equal(result, semaphore);
    return NULL;
}

static void test_many_permits(void **state)
{
    struct semaphore semaphore;
    char text[4096];
    int status;

    (void)state;
    semaphore_init(&semaphore, 1);
    assert_false(semaphore_try_acquire(&semaphore, 2));
    assert_int_equal(rt_block_on(NULL, gives_much, &semaphore), 0);
    assert_int_equal(semaphore_available(&semaphore), 0);
    status = in_a_child(releases_too_much, text, sizeof text);
    assert_true(WIFSIGNALED(status));
    assert_non_null(strstr(text, "too many permits"));
}

static void *foreign_thread(void *arg)
{
    errno = 0;
    assert_null(rt_spawn(waits, arg));
    assert_int_equal(errno, EPERM);
    assert_false(rt_in_task());
    return NULL;
}

static void *is_job(void *arg)
{
    return arg;
}

ASYNC static void *has_foreign_thread(void *arg)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, foreign_thread, arg), 0);
    pthread_join(thread, NULL);
    return NULL;
}

static void test_no_executor(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        errno = 0;
        assert_null(rt_spawn(waits, NULL));
        assert_int_equal(errno, EPERM);
        errno = 0;
        assert_null(rt_spawn_blocking(is_job, NULL));
        assert_int_equal(errno, EPERM);
        assert_int_equal(rt_cancel(NULL), -EINVAL);
        assert_false(rt_is_cancelled());
        rt_detach(NULL);
        assert_int_equal(
            rt_block_on(&(struct rt_config){.watchdog_ms = RT_WATCHDOG_OFF},
                        has_foreign_thread, NULL),
            0);
    }
}

static atomic_int late;

ASYNC static void *comes_late(void *arg)
{
    assert_int_equal(await rt_sleep_ms(1000000), -ECANCELED);
    atomic_fetch_add(&late, 1);
    return arg;
}

/* Cancelled with the executor, and starts others even then. */
ASYNC static void *starts_late(void *arg)
{
    assert_int_equal(await rt_sleep_ms(1000000), -ECANCELED);
    for (int i = 0; i < 10; i++)
        rt_detach(rt_spawn(comes_late, arg));
    assert_int_equal(await rt_join(rt_spawn(comes_late, arg), NULL),
                     -ECANCELED);
    rt_detach(rt_spawn_blocking(is_job, arg));
    return NULL;
}

ASYNC static void *ends_early(void *arg)
{
    rt_detach(rt_spawn(starts_late, arg));
    await rt_sleep_ms(2);
    return NULL;
}

static void test_spawn_at_the_end(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 3; workers += 2) {
        const struct rt_config config = {.workers = workers};

        atomic_store(&late, 0);
        assert_int_equal(rt_block_on(&config, ends_early, NULL), 0);
        assert_int_equal(atomic_load(&late), 11);
    }
}

/* Shared by tasks that may run on two threads. */
struct own_handle {
    _Atomic(struct rt_join_handle *) handle;
    atomic_bool is_refused;
};

/* Its own handle, to be given up or to be waited for, which is refused. */
ASYNC static void *has_own_handle(void *arg)
{
    struct own_handle *own = arg;

    while (!atomic_load(&own->handle))
        await rt_yield();
    assert_int_equal(await rt_join(atomic_load(&own->handle), NULL), -EDEADLK);
    rt_detach(atomic_load(&own->handle));
    await rt_yield();
    atomic_store(&own->is_refused, true);
    return NULL;
}

ASYNC static void *returns_at_once(void *arg)
{
    return arg;
}

ASYNC static void *gives_up_handles(void *arg)
{
    struct rt_join_handle *first;
    struct rt_join_handle *second;
    static struct own_handle own;
    void *result = NULL;

    rt_detach(rt_spawn(returns_at_once, arg)); /* before it began */
    first = rt_spawn(returns_at_once, arg);
    second = rt_spawn(returns_at_once, arg);
    await rt_sleep_ms(2);
    rt_detach(second); /* after it ended */
    assert_int_equal(await rt_join_timeout_ms(first, &result, 20000), 0);
    assert_ptr_equal(result, arg);

    first = rt_spawn(comes_late, arg);
    second = rt_spawn(comes_late, arg);
    assert_int_equal(await rt_join_timeout_ms(first, NULL, 1), -ETIMEDOUT);
    rt_cancel(second);
    rt_cancel(second);
    rt_cancel(first);
    rt_detach(first); /* cancelled, and nobody will know */
    assert_int_equal(await rt_join(second, NULL), -ECANCELED);

    first = rt_spawn_blocking(is_job, arg);
    second = rt_spawn_blocking(is_job, arg);
    rt_detach(second);
    assert_int_equal(await rt_join(first, &result), 0);
    assert_ptr_equal(result, arg);
    atomic_store(&own.handle, NULL);
    atomic_store(&own.is_refused, false);
    atomic_store(&own.handle, rt_spawn(has_own_handle, &own));
    while (!atomic_load(&own.is_refused)) /* or it would be cancelled */
        await rt_sleep_ms(1);
    assert_int_equal(await rt_join(NULL, NULL), -EINVAL);
    return NULL;
}

static void test_handles(void **state)
{
    int value;

    (void)state;
    for (int workers = 1; workers <= 3; workers += 2) {
        const struct rt_config config = {.workers = workers};

        assert_int_equal(rt_block_on(&config, gives_up_handles, &value), 0);
    }
}

static void limit_set(int what, rlim_t most)
{
    struct rlimit limit = {.rlim_cur = most, .rlim_max = RLIM_INFINITY};

    getrlimit(what, &limit);
    limit.rlim_cur = most;
    if (setrlimit(what, &limit) != 0)
        _exit(77);
}

/* What the process has mapped by now, and so much more. */
static void memory_limit(size_t more)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%lu", &pages) != 1)
        _exit(77);
    fclose(file);
    limit_set(RLIMIT_AS, pages * (rlim_t)sysconf(_SC_PAGESIZE) + more);
}

ASYNC static void *starts_too_many(void *arg)
{
    memory_limit((size_t)32 << 20);
    for (int i = 0; i < 4000; i++)
        rt_detach(rt_spawn(comes_late, arg));
    await rt_sleep_ms(1000);
    return NULL;
}

static void runs_out_of_stacks(void)
{
    rt_block_on(NULL, starts_too_many, NULL);
}

static void *uses_pool(void *arg)
{
    struct rt_file file;

    memory_limit((size_t)1 << 20);
    errno = 0;
    if (rt_spawn_blocking(is_job, arg) || errno != EAGAIN)
        _exit(1);
    if (await rt_file_open("/dev/null", O_RDONLY, 0, &file) != -EAGAIN)
        _exit(2);
    return NULL;
}

static void runs_out_of_threads(void)
{
    const struct rt_config many = {.workers = 100};
    const struct rt_config pool = {.io = RT_IO_POLL};

    if (rt_block_on(&pool, uses_pool, NULL) != 0)
        _exit(3);
    if (rt_block_on(&many, returns_at_once, NULL) != -EAGAIN)
        _exit(4);
}

static void runs_out_of_descriptors(void)
{
    limit_set(RLIMIT_NOFILE, 3);
    if (rt_block_on(NULL, returns_at_once, NULL) != -EMFILE)
        _exit(5);
    limit_set(RLIMIT_NOFILE, 64);
    if (rt_block_on(NULL, returns_at_once, NULL) != 0)
        _exit(6);
}

static void test_nothing_left(void **state)
{
    char text[8192];
    int status;

    (void)state;
    status = in_a_child(runs_out_of_descriptors, text, sizeof text);
    assert_int_equal(status, 0);
    if (!MEMORY_CAN_BE_LIMITED)
        return;
    status = in_a_child(runs_out_of_threads, text, sizeof text);
    assert_int_equal(status, 0);
    status = in_a_child(runs_out_of_stacks, text, sizeof text);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(text, "no memory for the stack of a task"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_left), /* before there are threads */
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_many_permits),
        cmocka_unit_test(test_no_executor),
        cmocka_unit_test(test_spawn_at_the_end),
        cmocka_unit_test(test_handles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
