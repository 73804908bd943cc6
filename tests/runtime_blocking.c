/*
 * The blocking pool: jobs run on other threads, several at a time, up to the
 * bound, and the worker goes on meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include <rt.h>

#define JOBS 8
#define JOB_MS 50

static void block_ms(long ms)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = ms * 1000 * 1000};

    nanosleep(&pause, NULL);
}

/* How many jobs run now, and how many ever did at a time. */
struct work {
    atomic_int running;
    atomic_int most;
    atomic_int in_task;
    int joined;
    int steps_meanwhile;
};

static void *job(void *arg)
{
    struct work *work = arg;
    int running = atomic_fetch_add(&work->running, 1) + 1;
    int most = atomic_load(&work->most);

    while (running > most &&
           !atomic_compare_exchange_weak(&work->most, &most, running))
        continue;
    atomic_fetch_add(&work->in_task, rt_in_task());
    block_ms(JOB_MS);
    atomic_fetch_sub(&work->running, 1);
    return work;
}

ASYNC static void *works(void *arg)
{
    struct work *work = arg;
    struct rt_join_handle *jobs[JOBS];
    void *result;

    for (int i = 0; i < JOBS; i++)
        jobs[i] = rt_spawn_blocking(job, work);
    for (int i = 0; i < 10; i++) {
        await rt_sleep_ms(2);
        work->steps_meanwhile += atomic_load(&work->running) > 0;
    }
    for (int i = 0; i < JOBS; i++)
        if (await rt_join(jobs[i], &result) == 0 && result == work)
            work->joined++;
    return NULL;
}

static void test_jobs_run_beside_tasks(void **state)
{
    struct work work = {0};

    (void)state;
    assert_int_equal(rt_block_on(NULL, works, &work), 0);
    assert_int_equal(work.joined, JOBS);
    assert_int_equal(atomic_load(&work.in_task), 0);
    assert_in_range(atomic_load(&work.most), 2, JOBS);
    assert_true(work.steps_meanwhile > 0);
}

static void test_bound(void **state)
{
    struct rt_config config = {.workers = 2, .blocking_threads = 2};
    struct work work = {0};

    (void)state;
    assert_int_equal(rt_block_on(&config, works, &work), 0);
    assert_int_equal(work.joined, JOBS);
    assert_int_equal(atomic_load(&work.most), 2);
}

ASYNC static void *forgets_jobs(void *arg)
{
    for (int i = 0; i < JOBS; i++)
        rt_detach(rt_spawn_blocking(job, arg));
    return NULL;
}

static void test_block_on_waits_for_jobs(void **state)
{
    struct work work = {0};

    (void)state;
    assert_int_equal(rt_block_on(NULL, forgets_jobs, &work), 0);
    assert_int_equal(atomic_load(&work.running), 0);
    assert_true(atomic_load(&work.most) > 0);
}

ASYNC static void *counts(void *arg)
{
    await rt_yield();
    atomic_fetch_add((atomic_int *)arg, 1);
    return NULL;
}

static void *spawns_from_a_job(void *arg)
{
    rt_detach(rt_spawn(counts, arg));
    return NULL;
}

ASYNC static void *spawns_a_job(void *arg)
{
    await rt_join(rt_spawn_blocking(spawns_from_a_job, arg), NULL);
    return NULL;
}

static void test_jobs_may_spawn(void **state)
{
    struct rt_config config = {.workers = 3};
    atomic_int count = 0;

    (void)state;
    assert_int_equal(rt_block_on(&config, spawns_a_job, &count), 0);
    assert_int_equal(atomic_load(&count), 1);
}

static void *returns_at_once(void *arg)
{
    return arg;
}

ASYNC static void *ping_pongs(void *arg)
{
    int *count = arg;

    for (int i = 0; i < 2000; i++) {
        void *result = NULL;

        await rt_join(rt_spawn_blocking(returns_at_once, count), &result);
        *count += result == count;
    }
    return NULL;
}

/* A wake-up lost between pool and worker would stop this for ever. */
static void test_many_round_trips(void **state)
{
    struct rt_config config = {.workers = 2};
    int count = 0;

    (void)state;
    assert_int_equal(rt_block_on(&config, ping_pongs, &count), 0);
    assert_int_equal(rt_block_on(NULL, ping_pongs, &count), 0);
    assert_int_equal(count, 4000);
}

/* How many threads the process has. */
static int threads_count(void)
{
    struct dirent *entry;
    DIR *folder = opendir("/proc/self/task");
    int count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* The pool's threads: as many as there are jobs at a time, then none. On a busy
 * machine they may be gone when they are counted. */
ASYNC static void *grows_and_shrinks(void *arg)
{
    int before = threads_count();

    for (int round = 0; round < 2; round++) {
        struct work work = {0};
        int waited = 0;

        await works(&work);
        assert_int_equal(work.joined, JOBS);
        assert_in_range(threads_count(), before, before + JOBS);
        while (threads_count() > before && waited++ < 1000)
            await rt_sleep_ms(5);
        assert_int_equal(threads_count(), before);
    }
    return arg;
}

static void test_pool_grows_and_shrinks(void **state)
{
    struct rt_config config = {.blocking_idle_ms = 20};

    (void)state;
    assert_int_equal(rt_block_on(&config, grows_and_shrinks, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_run_beside_tasks),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_block_on_waits_for_jobs),
        cmocka_unit_test(test_jobs_may_spawn),
        cmocka_unit_test(test_many_round_trips),
        cmocka_unit_test(test_pool_grows_and_shrinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
