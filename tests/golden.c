/*
 * The goldens in fixtures/lower/: next to `x.c`, `x.ir`, `x.cfg` and `x.state`
 * are what --dump prints for it. With BLESS=1 in the environment they are
 * rewritten instead; to add one, make an empty file and bless.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/vec.h"
#include "support/golden.h"
#include "support/run.h"

static const char lower[] = TREE_FIXTURES "/lower";

/* Lives as long as the tests. */
static struct arena arena;

static void test_golden(void **state)
{
    const char *name = *state; /* loops.ir */
    const char *stage = strrchr(name, '.') + 1;
    const char *source =
        arena_printf(&arena, "%.*s.c", (int)(stage - name - 1), name);
    const char *path = arena_printf(&arena, "%s/%s", lower, name);
    const char *const argv[] = {ASYNCLINT_PROGRAM,
                                "--dump",
                                stage,
                                source,
                                "--",
                                "-I" SOURCE_ROOT "/runtime-sample/include",
                                "-std=gnu11",
                                NULL};
    struct ran ran = run(&arena, lower, argv);

    if (ran_incompletely(&ran))
        fail_msg("not all is analysed:\n%s", ran.err);
    assert_in_range(ran.status, 0, 1);
    golden_compare(&arena, path, ran.out);
}

int main(void)
{
    VEC(struct CMUnitTest) tests = {0};
    glob_t files;
    int failed;

    assert_int_equal(
        glob(TREE_FIXTURES "/lower/*.{ir,cfg,state}", GLOB_BRACE, NULL, &files),
        0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *name = strrchr(files.gl_pathv[i], '/') + 1;
        struct CMUnitTest test = {
            .name = name,
            .test_func = test_golden,
            .initial_state = (char *)(uintptr_t)name,
        };

        vec_add(&arena, &tests, test);
    }
    failed =
        _cmocka_run_group_tests("golden", tests.items, tests.count, NULL, NULL);
    globfree(&files);
    arena_finish(&arena);
    return failed;
}
