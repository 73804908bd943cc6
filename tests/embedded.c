/*
 * What the build lifts out of rules/ is there, in order, and what stands in the
 * files; and a rule without an example stops it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/yaml_flat.h"
#include "findings/rule_examples.h"
#include "model/pack_sources.h"

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (!file || getdelim(&text, &size, '\0', file) < 0)
        fail_msg("cannot read '%s'", path);
    fclose(file);
    return text;
}

static size_t count_files(const char *pattern)
{
    glob_t found = {0};
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;

    globfree(&found);
    return count;
}

static void tree_is_same(const struct yaml_node *one,
                         const struct yaml_node *two)
{
    assert_int_equal(one->kind, two->kind);
    assert_string_equal(one->text, two->text);
    assert_int_equal(one->line, two->line);
    assert_int_equal(one->column, two->column);
    assert_int_equal(one->keys.count, two->keys.count);
    assert_int_equal(one->items.count, two->items.count);
    for (uint32_t i = 0; i < one->keys.count; i++)
        tree_is_same(one->keys.items[i], two->keys.items[i]);
    for (uint32_t i = 0; i < one->items.count; i++)
        tree_is_same(one->items.items[i], two->items.items[i]);
}

static void test_packs(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_int_equal(pack_source_count,
                     count_files(SOURCE_ROOT "/rules/packs/*.yaml"));
    for (int i = 0; i < pack_source_count; i++) {
        const struct pack_source *pack = &pack_sources[i];
        struct yaml_node *found;
        struct yaml_node *root;
        struct err err = {0};
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", SOURCE_ROOT, pack->name);
        if (!yaml_file_read(&arena, path, &root, &err))
            fail_msg("%s", err.text);
        found = yaml_flat_read(&arena, pack->name, pack->tree);
        assert_string_equal(found->file, pack->name);
        tree_is_same(found, root);
        assert_true(i == 0 || strcmp(pack[-1].name, pack->name) < 0);
    }
    arena_finish(&arena);
    assert_null(pack_sources[pack_source_count].name);
}

static void test_examples(void **state)
{
    (void)state;
    assert_int_equal(rule_example_count, count_files(SOURCE_ROOT "/rules/*.c"));
    for (int i = 0; i < rule_example_count; i++) {
        const struct rule_example *example = &rule_examples[i];
        size_t length = strlen(example->text);
        char path[512];
        char *text;
        char *at;

        snprintf(path, sizeof(path), "%s/rules/%s.c", SOURCE_ROOT, example->id);
        at = text = file_text(path);
        for (int line = 1; line < example->first_line; line++)
            at = strchr(at, '\n') + 1;
        assert_memory_equal(at - strlen("#ifdef EXAMPLE\n"), "#ifdef EXAMPLE\n",
                            strlen("#ifdef EXAMPLE\n"));
        assert_memory_equal(at, example->text, length);
        assert_memory_equal(at + length, "#else\n", strlen("#else\n"));
        free(text);
    }
    assert_null(rule_examples[rule_example_count].id);
}

/* Runs lift.cmake over one rule with this text; its output and errors go to
 * `result`. Returns whether it succeeded. */
static bool lift(const char *rule, char *result, size_t size)
{
    FILE *file = fopen(BUILD_ROOT "/lifted-rule.c", "w");
    size_t length;

    assert_non_null(file);
    fputs(rule, file);
    fclose(file);
    file = popen("cd '" BUILD_ROOT "' && echo '" BUILD_ROOT
                 "/lifted-rule.c' >lifted.inputs && cmake -DKIND=examples"
                 " -DINPUTS=lifted.inputs -DOUTPUT=lifted.c"
                 " -DROOT='" BUILD_ROOT "'"
                 " -P '" SOURCE_ROOT "/cmake/lift.cmake' 2>&1 &&"
                 " cat lifted.c",
                 "r");
    assert_non_null(file);
    length = fread(result, 1, size - 1, file);
    result[length] = '\0';
    return pclose(file) == 0;
}

static void test_lift(void **state)
{
    char result[4096];

    (void)state;
    assert_true(lift("/* x */\n#ifdef EXAMPLE\n[;\"\\\n#else\n#endif\n", result,
                     sizeof(result)));
    assert_non_null(strstr(result, "0x5b,0x3b,0x22,0x5c,0x0a,\n    0x00}"));
    assert_non_null(strstr(result, "{\"lifted-rule\", (const char *)text_0, "
                                   "3},"));
    /* cmake wraps what it says, so one word must do. */
    assert_false(lift("/* x */\nint x;\n", result, sizeof(result)));
    assert_non_null(strstr(result, "EXAMPLE'"));
    assert_false(lift("/* x */\n#ifdef EXAMPLE\nint x;\n#endif\n", result,
                      sizeof(result)));
    assert_non_null(strstr(result, "'#else'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packs),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_lift),
    };

    return cmocka_run_group_tests_name("embedded", tests, NULL, NULL);
}
