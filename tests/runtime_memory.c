/*
 * What a burst of tasks leaves behind: stacks, for a moment, then nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rt.h>

#define TASKS 200
#define STACK_BYTES ((uint64_t)256 * 1024)

/* Bytes of addresses, at three times. */
struct burst {
    struct semaphore gate; /* not a notify: it remembers who is late */
    uint64_t before;
    uint64_t during;
    uint64_t after;
};

static uint64_t mapped_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    uint64_t pages = 0;

    if (file) {
        if (fscanf(file, "%" SCNu64, &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * 4096;
}

ASYNC static void *parks(void *arg)
{
    await semaphore_acquire(arg, 1);
    return NULL;
}

ASYNC static void *burst_run(void *arg)
{
    struct burst *burst = arg;
    struct rt_join_handle *handles[TASKS];

    burst->before = mapped_bytes();
    for (int i = 0; i < TASKS; i++)
        handles[i] = rt_spawn(parks, &burst->gate);
    await rt_sleep_ms(300);
    burst->during = mapped_bytes();
    semaphore_release(&burst->gate, TASKS);
    for (int i = 0; i < TASKS; i++)
        await rt_join(handles[i], NULL);
    for (int i = 0; i < 20; i++) {
        await rt_sleep_ms(500);
        burst->after = mapped_bytes();
        if (burst->during >= burst->after + TASKS / 2 * STACK_BYTES)
            break; /* on a busy machine it takes longer */
    }
    return NULL;
}

static void burst_check(int workers)
{
    struct rt_config config = {.workers = workers, .stack_size = STACK_BYTES};
    struct burst burst = {.before = 0};

    assert_int_equal(rt_block_on(&config, burst_run, &burst), 0);
    if (burst.before == 0)
        skip(); /* no /proc here */
    assert_true(burst.during >= burst.before + TASKS / 2 * STACK_BYTES);
    assert_true(burst.during >= burst.after + TASKS / 2 * STACK_BYTES);
}

static void test_stacks_are_given_back(void **state)
{
    (void)state;
    burst_check(1);
    burst_check(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stacks_are_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
