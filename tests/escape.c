/*
 * output/: text from a hostile tree does nothing to terminals and runners.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/escape.h"
#include "output/gcc.h"
#include "output/text.h"
#include "support/place.h"
#include "support/report.h"

static const char *escaped(struct arena *arena, const char *raw, bool is_github)
{
    struct strbuf text = {.arena = arena};

    escape_text(&text, is_github, raw);
    return strbuf_text(&text);
}

static void text_is_made_harmless(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_string_equal(escaped(&arena, "a\033[31mb", false), "a<U+001B>[31mb");
    assert_string_equal(escaped(&arena, "a\nb\rc\177", false),
                        "a<U+000A>b<U+000D>c<U+007F>");
    assert_string_equal(escaped(&arena, "\xc2\x9b", false), "<U+009B>");
    assert_string_equal(escaped(&arena, "\xff\xc3(\xed\xa0\x80", false),
                        "<0xFF><0xC3>(<0xED><0xA0><0x80>");
    assert_string_equal(escaped(&arena,
                                "a\xe2\x80\xae"
                                "b",
                                false),
                        "a<U+202E>b");
    assert_string_equal(escaped(&arena, "\xe2\x81\xa6\xef\xbb\xbf", false),
                        "<U+2066><U+FEFF>");
    assert_string_equal(escaped(&arena, "\xf3\xa0\x80\xa1", false),
                        "<U+E0021>");
    assert_string_equal(escaped(&arena, "gr\xc3\xbc\xc3\x9f", false),
                        "gr\xc3\xbc\xc3\x9f");
    assert_string_equal(escaped(&arena, "##[x] ###[y] #[z]", true),
                        "##[\\x] ###[\\y] #[z]");
    assert_string_equal(escaped(&arena, "##[x]", false), "##[x]");
    arena_finish(&arena);
}

/* No line begins with `::` after blanks, and none holds `##[` unbroken. */
static void github_check(const char *text)
{
    const char *line = text;

    while (*line) {
        const char *first = line + strspn(line, " \t");
        const char *end = strchr(line, '\n');

        assert_non_null(end);
        assert_true(strncmp(first, "::", 2) != 0);
        for (const char *at = line; at < end; at++)
            assert_true(strncmp(at, "##[", 3) != 0 || at[3] == '\\');
        line = end + 1;
    }
}

static void github_sees_no_commands(void **state)
{
    static const char name[] = "::error::x";
    static const char other[] = " ::add-mask::x";
    struct output output = {.is_github = true};
    struct report report = {0};
    char *text;

    (void)state;
    place_file_write(name, "::error::y ##[error]z\n");
    place_file_write(other, "  ::error::y\n");
    diag_new(&report, SEVERITY_ERROR, "##[group]\n::error::x");
    mark_add(&report, MARK_PRIMARY, name, 1, 1, 3, "::error::x");
    mark_add(&report, MARK_STEP, other, 1, 1, 3, "##[error]");
    report.diag->why = "\n::error::##[x]";
    report.diag->help = "::error::";
    text = printed(&report, output, text_print);
    github_check(text);
    free(text);
    text = printed(&report, output, gcc_print);
    github_check(text);
    free(text);
    arena_finish(&report.arena);
}

static void a_hostile_source_line_is_escaped(void **state)
{
    struct report report = {0};
    static const char bytes[] = "a\0b\033[2J\xff;\n";
    FILE *file = fopen("a.c", "w");

    (void)state;
    assert_non_null(file);
    fwrite(bytes, 1, sizeof(bytes) - 1, file);
    fclose(file);
    diag_new(&report, SEVERITY_ERROR, "m");
    mark_add(&report, MARK_PRIMARY, "a.c", 1, 9, 1, "x");
    prints_as(&report, (struct output){0}, text_print,
              "error[some-rule]: m\n"
              " --> a.c:1:9\n"
              "  |\n"
              "1 | a<U+0000>b<U+001B>[2J<0xFF>;\n"
              "  |                            ^ x\n"
              "  |\n"
              "\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_is_made_harmless),
    cmocka_unit_test(github_sees_no_commands),
    cmocka_unit_test(a_hostile_source_line_is_escaped),
};

int main(void)
{
    return cmocka_run_group_tests(tests, place_setup, place_teardown);
}
