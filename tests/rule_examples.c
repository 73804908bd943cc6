/*
 * Each rule's example is linted by the program: its marks hold, it has a bad
 * function and a good one, and `asynclint explain` prints it. And the README
 * shows what the program prints.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "findings/check.h"
#include "support/marks.h"
#include "support/run.h"

/* Lives as long as the tests. */
static struct arena arena;

/* What stands between `from` and `to`, without them. */
static char *text_between(const char *text, const char *from, const char *to)
{
    const char *start = strstr(text, from);
    const char *end = start ? strstr(start + strlen(from), to) : NULL;

    if (!end)
        fail_msg("no '%s' before '%s'", from, to);
    start += strlen(from);
    return arena_strndup(&arena, start, (size_t)(end - start));
}

/* Functions that have a mark, or have none. They are found by their layout:
 * braces in the first column, an empty line before. */
static int functions_count(const char *example, bool marked)
{
    int count = 0;

    for (const char *body = strstr(example, "\n{\n"); body;
         body = strstr(body + 1, "\n{\n")) {
        const char *end = strstr(body, "\n}\n");
        const char *start = body;
        const char *mark;

        if (!end)
            fail_msg("a function without an end");
        while (start > example && strncmp(start, "\n\n", 2) != 0)
            start--;
        mark = strstr(start, "/* expect: ");
        count += (mark && mark < end) == marked;
    }
    return count;
}

static void test_example(void **state)
{
    const struct rule *rule = *state;
    const char *file = arena_printf(&arena, "rules/%s.c", rule->id);
    const char *path = arena_printf(&arena, SOURCE_ROOT "/%s", file);
    const char *source = run_file_text(&arena, path);
    const char *example = text_between(source, "#ifdef EXAMPLE\n", "\n#else\n");
    /* What is off by default is on in its own example. */
    const char *on = arena_printf(&arena, "--rule=%s=%s", rule->id,
                                  severity_text(rule->severity));
    const char *const argv[] = {ASYNCLINT_PROGRAM,
                                "--format",
                                "gcc",
                                on,
                                file,
                                "--",
                                "-DEXAMPLE",
                                "-I" SOURCE_ROOT "/runtime-sample/include",
                                NULL};
    struct ran ran = run(&arena, SOURCE_ROOT, argv);
    finding_list findings = findings_parse(&arena, ran.out);
    mark_list marks = marks_find(&arena, source);
    const char *complaints = marks_compare(&arena, file, &marks, &findings);

    if (*complaints)
        fail_msg("not as marked:\n%s", complaints);
    if (ran_incompletely(&ran))
        fail_msg("not all is analysed:\n%s", ran.err);
    assert_true(functions_count(example, true) > 0);
    assert_true(functions_count(example, false) > 0);
}

/* Some mark of the example is about the rule itself. */
static void test_mark(void **state)
{
    const struct rule *rule = *state;
    const char *path =
        arena_printf(&arena, SOURCE_ROOT "/rules/%s.c", rule->id);
    mark_list marks = marks_find(&arena, run_file_text(&arena, path));
    bool found = false;

    for (uint32_t i = 0; i < marks.count; i++)
        found = found || !strcmp(marks.items[i].rule, rule->id);
    assert_true(found);
}

static void test_explain(void **state)
{
    const struct rule *rule = *state;
    const char *const argv[] = {ASYNCLINT_PROGRAM, "explain", rule->id, NULL};
    const char *path =
        arena_printf(&arena, SOURCE_ROOT "/rules/%s.c", rule->id);
    const char *example = text_between(run_file_text(&arena, path),
                                       "#ifdef EXAMPLE\n", "\n#else\n");
    struct ran ran = run(&arena, NULL, argv);

    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.err, "");
    if (!strstr(ran.out, example))
        fail_msg("the example is not in\n%s", ran.out);
    assert_non_null(strstr(ran.out, rule->summary));
}

/* The block of README.md that starts with `opening` is `fresh`; with BLESS=1
 * it is made so. */
static void readme_block(const char *opening, const char *fresh)
{
    static const char path[] = SOURCE_ROOT "/README.md";
    const char *readme = run_file_text(&arena, path);
    const char *from = arena_printf(&arena, "```text\n%s", opening);
    const char *block = arena_printf(&arena, "%s%s", opening,
                                     text_between(readme, from, "```\n"));
    const char *at = strstr(readme, from) + strlen("```text\n");
    FILE *file;

    if (!strcmp(block, fresh))
        return;
    if (!getenv("BLESS"))
        fail_msg("README.md shows\n%sbut the program prints\n%s"
                 "(the target bless rewrites it)",
                 block, fresh);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%.*s%s%s", (int)(at - readme), readme, fresh,
            at + strlen(block));
    assert_int_equal(fclose(file), 0);
}

static void test_readme_rules(void **state)
{
    const char *const argv[] = {ASYNCLINT_PROGRAM, "rules", NULL};

    (void)state;
    readme_block(rules[0]->id, run(&arena, NULL, argv).out);
}

static void test_readme_excerpt(void **state)
{
    static const char opening[] = "error[blocking-lock-across-await]";
    const char *const argv[] = {ASYNCLINT_PROGRAM, "--color", "never",
                                "runtime-sample/examples/chat_frozen.c", NULL};
    const char *out = run(&arena, SOURCE_ROOT, argv).out;

    (void)state;
    readme_block(opening, arena_printf(&arena, "%s%s\n", opening,
                                       text_between(out, opening, "\n\n")));
}

int main(void)
{
    VEC(struct CMUnitTest) tests = {0};
    struct CMUnitTest readme[] = {cmocka_unit_test(test_readme_rules),
                                  cmocka_unit_test(test_readme_excerpt)};
    int failed;

    vec_add(&arena, &tests, readme[0]);
    vec_add(&arena, &tests, readme[1]);
    for (int i = 0; i < rule_count; i++) {
        void *rule = (void *)(uintptr_t)rules[i];
        struct CMUnitTest three[] = {
            {rules[i]->id, test_example, NULL, NULL, rule},
            {"its mark", test_mark, NULL, NULL, rule},
            {"explained", test_explain, NULL, NULL, rule},
        };

        for (int k = 0; k < 3; k++)
            vec_add(&arena, &tests, three[k]);
    }
    failed = _cmocka_run_group_tests("rule_examples", tests.items, tests.count,
                                     NULL, NULL);
    arena_finish(&arena);
    return failed;
}
