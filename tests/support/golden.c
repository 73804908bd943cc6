/*
 * See golden.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/golden.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "support/run.h"

static void bless(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Says where the two part, as whole dumps are hard to compare by eye. */
static void compare(const char *name, const char *wanted, const char *got)
{
    unsigned line = 1;
    size_t start = 0;

    for (size_t i = 0; wanted[i] && wanted[i] == got[i]; i++)
        if (wanted[i] == '\n') {
            line++;
            start = i + 1;
        }
    if (strcmp(wanted, got) != 0)
        fail_msg("%s:%u: expected\n%.*s\nbut it is\n%.*s", name, line,
                 (int)strcspn(wanted + start, "\n"), wanted + start,
                 (int)strcspn(got + start, "\n"), got + start);
}

void golden_compare(struct arena *arena, const char *path, const char *got)
{
    if (getenv("BLESS"))
        bless(path, got);
    else
        compare(path, run_file_text(arena, path), got);
}

int golden_run(const char *group, const char *pattern, CMUnitTestFunction test)
{
    struct arena arena = {0};
    VEC(struct CMUnitTest) tests = {0};
    glob_t files;
    int failed;

    assert_int_equal(glob(pattern, GLOB_BRACE, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        const char *name = strrchr(files.gl_pathv[i], '/') + 1;
        struct CMUnitTest one = {
            .name = name,
            .test_func = test,
            .initial_state = (char *)(uintptr_t)name,
        };

        vec_add(&arena, &tests, one);
    }
    failed =
        _cmocka_run_group_tests(group, tests.items, tests.count, NULL, NULL);
    globfree(&files);
    arena_finish(&arena);
    return failed;
}
