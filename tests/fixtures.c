/*
 * The fixtures with marks: one test for each file, one run of the program for
 * each folder, which is one program. A file in fixtures/missed/ is a known
 * failure, and its test fails on the day on which it is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "support/marks.h"
#include "support/run.h"

#define INCLUDE "-I" SOURCE_ROOT "/runtime-sample/include"

/* A folder, linted when its first test asks. */
struct folder {
    const char *name; /* from the root of the tree: fixtures/cases */
    bool is_missed;
    bool is_lone; /* its headers are missing */
    bool is_linted;
    struct ran ran;
    finding_list findings;
};

struct fixture {
    struct folder *folder;
    const char *name; /* from the root of the tree */
};

/* Lives as long as the tests. */
static struct arena arena;

static void folder_lint(struct folder *folder)
{
    const char *own = arena_printf(&arena, "-I%s/include", folder->name);
    const char *const argv[] = {
        ASYNCLINT_PROGRAM, "--format", "gcc",        folder->name, "--",
        INCLUDE,           own,        "-std=gnu11", NULL};

    if (folder->is_linted)
        return;
    folder->is_linted = true;
    folder->ran = run(&arena, SOURCE_ROOT, argv);
    folder->findings = findings_parse(&arena, folder->ran.out);
}

/* A fixture that is not understood proves nothing. */
static void test_folder(void **state)
{
    struct folder *folder = *state;

    folder_lint(folder);
    if (ran_incompletely(&folder->ran) && !folder->is_lone)
        fail_msg("not all is analysed:\n%s", folder->ran.err);
    assert_in_range(folder->ran.status, 0, 1);
}

static void test_fixture(void **state)
{
    const struct fixture *fixture = *state;
    const char *path =
        arena_printf(&arena, "%s/%s", SOURCE_ROOT, fixture->name);
    mark_list marks = marks_find(&arena, run_file_text(&arena, path));
    const char *complaints;

    folder_lint(fixture->folder);
    complaints = marks_compare(&arena, fixture->name, &marks,
                               &fixture->folder->findings);
    if (*complaints && !fixture->folder->is_missed)
        fail_msg("not as marked:\n%s", complaints);
    if (!*complaints && fixture->folder->is_missed)
        fail_msg("'%s' is no longer missed: move it to cases/ or rules/",
                 fixture->name);
}

static void test_empty(void **state)
{
    const struct folder *folder = *state;

    fail_msg("no C file is in '%s'", folder->name);
}

typedef VEC(struct CMUnitTest) test_list;

static void test_add(test_list *tests, const char *name,
                     CMUnitTestFunction test, void *state)
{
    struct CMUnitTest added = {
        .name = name, .test_func = test, .initial_state = state};

    vec_add(&arena, tests, added);
}

static void folder_add(test_list *tests, const char *name)
{
    struct folder *folder = arena_alloc(&arena, sizeof(*folder));
    glob_t files;

    *folder = (struct folder){
        .name = name,
        .is_missed = str_ends_with(name, "/missed"),
        .is_lone = str_starts_with(name, "fixtures/lone/"),
    };
    if (glob(arena_printf(&arena, "%s/%s/*.c", SOURCE_ROOT, name), 0, NULL,
             &files)) {
        test_add(tests, name, test_empty, folder);
        return;
    }
    test_add(tests, name, test_folder, folder);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct fixture *fixture = arena_alloc(&arena, sizeof(*fixture));

        *fixture = (struct fixture){
            folder,
            arena_strdup(&arena, files.gl_pathv[i] + strlen(SOURCE_ROOT "/"))};
        test_add(tests, fixture->name, test_fixture, fixture);
    }
    globfree(&files);
}

/* Each folder of `folders` is a program of its own. */
static void folders_add(test_list *tests, const char *folders)
{
    glob_t found;

    assert_int_equal(glob(folders, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i] + strlen(SOURCE_ROOT "/");

        folder_add(tests, arena_strndup(&arena, path, strlen(path) - 1));
    }
    globfree(&found);
}

int main(void)
{
    test_list tests = {0};
    int failed;

    folder_add(&tests, "fixtures/cases");
    folder_add(&tests, "fixtures/missed");
    folders_add(&tests, TREE_FIXTURES "/rules/*/");
    folders_add(&tests, TREE_FIXTURES "/summaries/*/");
    folders_add(&tests, TREE_FIXTURES "/packs/*/");
    folders_add(&tests, TREE_FIXTURES "/lone/*/");
    failed = _cmocka_run_group_tests("fixtures", tests.items, tests.count, NULL,
                                     NULL);
    arena_finish(&arena);
    return failed;
}
