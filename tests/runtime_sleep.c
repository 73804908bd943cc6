/*
 * Sleeping: in order, long enough, and without burning the processor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include <rt.h>

#define SLEEPERS 200
#define TOLERANCE_MS 15

struct dormitory {
    atomic_int woken;
    int order[SLEEPERS];
};

struct sleeper {
    struct dormitory *dormitory;
    int number;
    uint64_t ms;
    uint64_t deadline_ms;
    uint64_t slept_ms;
};

ASYNC static void *sleeps(void *arg)
{
    struct sleeper *sleeper = arg;
    uint64_t start_ms = rt_now_ms();
    int place;

    sleeper->deadline_ms = start_ms + sleeper->ms;
    await rt_sleep_ms(sleeper->ms);
    sleeper->slept_ms = rt_now_ms() - start_ms;
    place = atomic_fetch_add(&sleeper->dormitory->woken, 1);
    sleeper->dormitory->order[place] = sleeper->number;
    return NULL;
}

ASYNC static void *sleep_all(void *arg)
{
    struct sleeper *sleepers = arg;
    struct rt_join_handle *handles[SLEEPERS];

    for (int i = 0; i < SLEEPERS; i++)
        handles[i] = rt_spawn(sleeps, &sleepers[i]);
    for (int i = 0; i < SLEEPERS; i++)
        await rt_join(handles[i], NULL);
    return NULL;
}

/* Ten lengths, started in a scrambled order. Where starting took long (under
 * a sanitizer) a shorter sleep may well end later, so deadlines are compared,
 * with some tolerance for what happens between the two looks at the clock.
 * Equal sleeps on one worker end in the order of their start. */
static void test_order(void **state)
{
    struct dormitory dormitory = {0};
    struct sleeper sleepers[SLEEPERS];

    (void)state;
    for (int i = 0; i < SLEEPERS; i++)
        sleepers[i] = (struct sleeper){&dormitory, i,
                                       (uint64_t)(i * 7 % 10) * 20 + 20, 0, 0};
    assert_int_equal(rt_block_on(NULL, sleep_all, sleepers), 0);
    assert_int_equal(atomic_load(&dormitory.woken), SLEEPERS);
    for (int i = 1; i < SLEEPERS; i++) {
        const struct sleeper *before = &sleepers[dormitory.order[i - 1]];
        const struct sleeper *after = &sleepers[dormitory.order[i]];

        assert_true(before->deadline_ms <= after->deadline_ms + TOLERANCE_MS);
        if (before->ms == after->ms)
            assert_true(before->number < after->number);
    }
}

static void test_long_enough(void **state)
{
    struct rt_config config = {.workers = 3};
    struct dormitory dormitory = {0};
    struct sleeper sleepers[SLEEPERS];

    (void)state;
    for (int i = 0; i < SLEEPERS; i++)
        sleepers[i] = (struct sleeper){&dormitory, i, (uint64_t)(i % 40), 0, 0};
    assert_int_equal(rt_block_on(&config, sleep_all, sleepers), 0);
    for (int i = 0; i < SLEEPERS; i++)
        assert_true(sleepers[i].slept_ms + 1 >= sleepers[i].ms);
}

static uint64_t cpu_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

ASYNC static void *sleeps_long(void *arg)
{
    (void)arg;
    await rt_sleep_ms(400);
    return NULL;
}

static void test_nobody_is_busy(void **state)
{
    struct rt_config config = {.workers = 4};
    uint64_t before_ms = cpu_ms();

    (void)state;
    assert_int_equal(rt_block_on(&config, sleeps_long, NULL), 0);
    assert_true(cpu_ms() - before_ms < 100);
}

/* The first sleeper holds a worker in the poller for long; the second comes
 * from another worker and must not have to wait for that. */
ASYNC static void *sleeps_short_after(void *arg)
{
    struct rt_join_handle *longer = rt_spawn(sleeps_long, NULL);
    uint64_t start_ms;

    await rt_sleep_ms(20);
    start_ms = rt_now_ms();
    await rt_sleep_ms(20);
    *(uint64_t *)arg = rt_now_ms() - start_ms;
    await rt_join(longer, NULL);
    return NULL;
}

static void test_earlier_deadline_comes_later(void **state)
{
    struct rt_config config = {.workers = 2};
    uint64_t slept_ms = 0;

    (void)state;
    assert_int_equal(rt_block_on(&config, sleeps_short_after, &slept_ms), 0);
    assert_in_range(slept_ms, 19, 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_long_enough),
        cmocka_unit_test(test_nobody_is_busy),
        cmocka_unit_test(test_earlier_deadline_comes_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
