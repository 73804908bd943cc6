/*
 * The goldens in fixtures/lower/: next to `x.c`, `x.ir`, `x.cfg` and `x.state`
 * are what --dump prints for it. With BLESS=1 in the environment they are
 * rewritten instead; to add one, make an empty file and bless.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

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
    int failed = golden_run("golden", TREE_FIXTURES "/lower/*.{ir,cfg,state}",
                            test_golden);

    arena_finish(&arena);
    return failed;
}
