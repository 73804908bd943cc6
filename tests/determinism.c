/*
 * However many processes work, in whatever order the files are named, and
 * whenever it runs: the program prints the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/run.h"

#define COMMON "\"$ASYNCLINT\" --color never "
#define FLAGS " -- -std=gnu11 -I\"$PWD/runtime-sample/include\""

/* A few of each kind, with findings and notes, in two orders. The first path
 * stays in its folder, for that is where the configuration is. */
#define RULES "fixtures/rules/"
#define FILES                                                                  \
    "fixtures/cases/c0*.c runtime-sample/examples " RULES "lock-leak " RULES   \
    "blocking-lock-across-await"
#define SHUFFLED                                                               \
    "$(ls -r fixtures/cases/c0*.c) " RULES "blocking-lock-across-await " RULES \
    "lock-leak runtime-sample/examples"

static struct ran lint(struct arena *arena, const char *options,
                       const char *files)
{
    struct ran ran =
        run_script(arena, SOURCE_ROOT,
                   arena_printf(arena, COMMON "%s %s" FLAGS, options, files));

    assert_int_equal(ran.status, 1);
    assert_true(strlen(ran.out) > 1000);
    return ran;
}

static void same(const struct ran *one, const struct ran *two)
{
    assert_string_equal(one->out, two->out);
    assert_string_equal(one->err, two->err);
}

static void same_in_format(struct arena *arena, const char *format)
{
    const char *one = arena_printf(arena, "--format %s -j1", format);
    const char *two = arena_printf(arena, "--format %s -j2", format);
    const char *eight = arena_printf(arena, "--format %s -j8", format);
    struct ran first = lint(arena, one, FILES);
    struct ran again = lint(arena, one, FILES);
    struct ran by_two = lint(arena, two, FILES);
    struct ran by_eight = lint(arena, eight, FILES);
    struct ran shuffled = lint(arena, eight, SHUFFLED);

    same(&first, &again);
    same(&first, &by_two);
    same(&first, &by_eight);
    /* Notes come in the order of the paths; findings don't. */
    assert_string_equal(first.out, shuffled.out);
}

static void test_text(void **state)
{
    struct arena arena = {0};

    (void)state;
    same_in_format(&arena, "text");
    arena_finish(&arena);
}

static void test_gcc(void **state)
{
    struct arena arena = {0};

    (void)state;
    same_in_format(&arena, "gcc");
    arena_finish(&arena);
}

/* The stages behind the findings, too. */
static void test_dumps(void **state)
{
    struct arena arena = {0};
    struct ran one;
    struct ran eight;

    (void)state;
    one = run_script(&arena, SOURCE_ROOT,
                     COMMON "-j1 --dump ir --dump cfg --dump state "
                            "runtime-sample/examples" FLAGS);
    eight = run_script(&arena, SOURCE_ROOT,
                       COMMON "-j8 --dump ir --dump cfg --dump state "
                              "runtime-sample/examples" FLAGS);
    same(&one, &eight);
    assert_true(strlen(one.out) > 1000);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_gcc),
        cmocka_unit_test(test_dumps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
