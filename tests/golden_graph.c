/*
 * The goldens in fixtures/graph/: `NAME.why` and `NAME.graph` are what
 * `asynclint why NAME` and `asynclint graph NAME` print for the program there,
 * `all.graph` and `all.dot` what `graph` prints for all of it. With BLESS=1 in
 * the environment they are rewritten; to add one, make an empty file and bless.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"
#include "support/run.h"

static const char folder[] = TREE_FIXTURES "/graph";

/* Lives as long as the tests. */
static struct arena arena;

static void test_golden(void **state)
{
    const char *file = *state; /* store_sync.why */
    const char *suffix = strrchr(file, '.') + 1;
    const char *name = arena_strndup(&arena, file, (size_t)(suffix - file - 1));
    bool is_all = !strcmp(name, "all");
    bool is_why = !strcmp(suffix, "why");
    const char *script = arena_printf(
        &arena,
        "\"$ASYNCLINT\" %s %s %s . -- -I" SOURCE_ROOT "/runtime-sample/include",
        is_why ? "why" : "graph", is_all ? "" : name,
        strcmp(suffix, "dot") != 0 ? "" : "--format dot");
    struct ran ran = run_script(&arena, folder, script);

    if (ran_incompletely(&ran))
        fail_msg("not all is analysed:\n%s", ran.err);
    assert_int_equal(ran.status, 0);
    golden_compare(&arena, arena_printf(&arena, "%s/%s", folder, file),
                   ran.out);
}

int main(void)
{
    int failed = golden_run(
        "golden_graph", TREE_FIXTURES "/graph/*.{why,graph,dot}", test_golden);

    arena_finish(&arena);
    return failed;
}
