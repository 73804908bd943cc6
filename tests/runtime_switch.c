/*
 * What a task keeps over a suspension: registers, stack, rounding mode. And
 * what it does not share with other tasks.
 *
 * cmocka's assertions leave by longjmp, which must not cross a stack: tasks
 * write down what they saw, the tests judge it outside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rt.h>

/* More values alive than there are registers that a callee keeps. */
ASYNC static void *sums_over_yields(void *arg)
{
    long *sum = arg;
    long a = *sum, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5;
    double x = (double)a, y = x + 0.5, z = x + 0.25;

    for (int i = 0; i < 100; i++) {
        await rt_yield();
        a += b, b += c, c += d, d += e, e += f, f += 1;
        x += y, y += z, z += 1;
    }
    *sum = a + b + c + d + e + f + (long)(x + y + z);
    return NULL;
}

ASYNC static void *sums_beside_another(void *arg)
{
    long *sums = arg;
    struct rt_join_handle *first = rt_spawn(sums_over_yields, &sums[0]);
    struct rt_join_handle *second = rt_spawn(sums_over_yields, &sums[1]);

    await rt_join(first, NULL);
    await rt_join(second, NULL);
    return NULL;
}

static void test_registers(void **state)
{
    long alone = 7;
    long beside[2] = {7, 1000};

    (void)state;
    assert_int_equal(rt_block_on(NULL, sums_over_yields, &alone), 0);
    assert_int_equal(rt_block_on(NULL, sums_beside_another, beside), 0);
    assert_int_equal(beside[0], alone);
    assert_int_not_equal(beside[1], alone);
}

/* The control word that says how to round, by hand: fesetround would need the
 * mathematical library. The value is any that differs from the usual one. */
#if defined(__x86_64__)
#define ROUND_UPWARD 0x4000U

static unsigned rounding(void)
{
    return __builtin_ia32_stmxcsr() & 0x6000U;
}

static void rounding_set(unsigned mode)
{
    __builtin_ia32_ldmxcsr((__builtin_ia32_stmxcsr() & ~0x6000U) | mode);
}
#else
#define ROUND_UPWARD 0x400000U

static unsigned rounding(void)
{
    uint64_t fpcr;

    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    return (unsigned)fpcr & 0xc00000U;
}

static void rounding_set(unsigned mode)
{
    uint64_t fpcr = mode;

    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
}
#endif

ASYNC static void *rounds_upward(void *arg)
{
    unsigned *mode = arg;

    rounding_set(ROUND_UPWARD);
    await rt_yield();
    *mode = rounding();
    return NULL;
}

ASYNC static void *rounds_as_usual(void *arg)
{
    unsigned *modes = arg;
    struct rt_join_handle *other = rt_spawn(rounds_upward, &modes[0]);

    await rt_yield();
    modes[1] = rounding();
    await rt_join(other, NULL);
    modes[2] = rounding();
    return NULL;
}

static void test_rounding_mode_is_the_tasks(void **state)
{
    unsigned modes[3] = {1, 1, 1};

    (void)state;
    assert_int_equal(rt_block_on(NULL, rounds_as_usual, modes), 0);
    assert_int_equal(modes[0], ROUND_UPWARD);
    assert_int_equal(modes[1], 0);
    assert_int_equal(modes[2], 0);
}

ASYNC static int deep(int depth)
{
    char filler[256];

    memset(filler, depth & 0x7f, sizeof filler);
    if (depth == 0)
        await rt_yield();
    else if (await deep(depth - 1) != depth - 1)
        return -1;
    return filler[depth % 256] == (depth & 0x7f) ? depth : -1;
}

ASYNC static void *goes_deep(void *arg)
{
    *(int *)arg = await deep(100);
    return NULL;
}

static void test_deep_stack(void **state)
{
    int depth = 0;

    (void)state;
    assert_int_equal(rt_block_on(NULL, goes_deep, &depth), 0);
    assert_int_equal(depth, 100);
}

/* printf of floating point needs an aligned stack and some kilobytes of it. */
ASYNC static void *prints_a_number(void *arg)
{
    await rt_yield();
    snprintf(arg, 64, "%.3f %Lg", 1234.5678, 0.5L);
    return NULL;
}

static void test_alignment(void **state)
{
    char text[64] = "";

    (void)state;
    assert_int_equal(rt_block_on(NULL, prints_a_number, text), 0);
    assert_string_equal(text, "1234.568 0.5");
}

ASYNC static void *uses_much_stack(void *arg)
{
    volatile char room[200 * 1024];

    for (size_t i = 0; i < sizeof room; i += 1024)
        room[i] = 1;
    await rt_yield();
    *(int *)arg = room[sizeof room - 1024];
    return NULL;
}

static void test_stack_size(void **state)
{
    struct rt_config config = {.stack_size = 1024 * 1024};
    int seen = 0;

    (void)state;
    assert_int_equal(rt_block_on(&config, uses_much_stack, &seen), 0);
    assert_int_equal(seen, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_rounding_mode_is_the_tasks),
        cmocka_unit_test(test_deep_stack),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_stack_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
