/*
 * output/: what people and problem matchers see, byte for byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/gcc.h"
#include "output/text.h"
#include "support/place.h"
#include "support/report.h"

static const char chat[] = "#include <rt.h>\n"
                           "\n"
                           "ASYNC void send_all(struct room *room)\n"
                           "{\n"
                           "    guard(blocking_mutex)(&room->lock);\n"
                           "    for (int i = 0; i < room->count; i++) {\n"
                           "        struct member *member = room->all[i];\n"
                           "\n"
                           "        await tcp_write(member->stream);\n"
                           "    }\n"
                           "    await sleep_ms(1);\n"
                           "}\n";

static struct report chat_report(void)
{
    struct report report = {0};

    diag_new(&report, SEVERITY_ERROR,
             "'room->lock' is held while the task suspends");
    report.diag->why = "the next task that wants it stops the thread";
    report.diag->help = "release it first";
    mark_add(&report, MARK_PRIMARY, "chat.c", 9, 9, 5, "");
    mark_add(&report, MARK_ACQUIRED, "chat.c", 5, 5, 34, "taken here");
    mark_add(&report, MARK_AWAIT, "chat.c", 9, 9, 5,
             "suspends here, still holding it");
    mark_add(&report, MARK_AWAIT, "chat.c", 11, 5, 5, "and here");
    report.diag->held = (struct span){"chat.c", 5, 5, 12, 2};
    return report;
}

static const struct output plain = {.file_count = 6};

static void a_finding_shows_its_story(void **state)
{
    struct report report = chat_report();

    (void)state;
    place_file_write("chat.c", chat);
    prints_as(&report, plain, text_print,
              "error[some-rule]: 'room->lock' is held while the task suspends\n"
              "  --> chat.c:9:9\n"
              "   |\n"
              " 5 |       guard(blocking_mutex)(&room->lock);\n"
              "   |       ---------------------------------- taken here\n"
              " 6 | |     for (int i = 0; i < room->count; i++) {\n"
              "...  |\n"
              " 9 | |         await tcp_write(member->stream);\n"
              "   | |         ^^^^^ suspends here, still holding it\n"
              "10 | |     }\n"
              "11 | |     await sleep_ms(1);\n"
              "   | |     ^^^^^ and here\n"
              "   |\n"
              "   = why: the next task that wants it stops the thread\n"
              "   = help: release it first\n"
              "\n");
}

static void other_files_have_their_own_header(void **state)
{
    struct report report = {0};

    (void)state;
    place_file_write("a.c", "one();\n");
    place_file_write("b.h", "two();\nthree();\n");
    diag_new(&report, SEVERITY_WARNING, "m");
    mark_add(&report, MARK_PRIMARY, "a.c", 1, 1, 3, "here");
    mark_add(&report, MARK_STEP, "b.h", 2, 1, 5, "through this");
    mark_add(&report, MARK_STEP, "gone.h", 100, 7, 5, "and that");
    prints_as(&report, plain, text_print,
              "warning[some-rule]: m\n"
              "   --> a.c:1:1\n"
              "    |\n"
              "  1 | one();\n"
              "    | ^^^ here\n"
              "    |\n"
              "   ::: b.h:2:1\n"
              "    |\n"
              "  2 | three();\n"
              "    | ----- through this\n"
              "    |\n"
              "   ::: gone.h:100:7\n"
              "    = note: gone.h:100:7: and that\n"
              "\n");
}

/* The finding's own place is drawn with the words of another mark there. */
static void marks_of_one_place_are_one(void **state)
{
    struct report report = {0};

    (void)state;
    place_file_write("a.c", "lock();\n");
    diag_new(&report, SEVERITY_ERROR, "m");
    mark_add(&report, MARK_PRIMARY, "a.c", 1, 1, 4, NULL);
    mark_add(&report, MARK_ACQUIRED, "a.c", 1, 1, 4, "taken here");
    prints_as(&report, plain, text_print,
              "error[some-rule]: m\n"
              " --> a.c:1:1\n"
              "  |\n"
              "1 | lock();\n"
              "  | ^^^^ taken here\n"
              "  |\n"
              "\n");
}

static void marks_of_one_line_are_rows(void **state)
{
    struct report report = {0};

    (void)state;
    place_file_write("a.c", "f(await a(), await b());\n");
    diag_new(&report, SEVERITY_NOTE, "m");
    mark_add(&report, MARK_AWAIT, "a.c", 1, 14, 5, "second");
    mark_add(&report, MARK_AWAIT, "a.c", 1, 3, 5, "first");
    mark_add(&report, MARK_AWAIT, "a.c", 1, 3, 5, "first");
    prints_as(&report, plain, text_print,
              "note[some-rule]: m\n"
              " --> a.c:1:14\n"
              "  |\n"
              "1 | f(await a(), await b());\n"
              "  |   ^^^^^ first\n"
              "  |              ^^^^^ second\n"
              "  |\n"
              "\n");
}

static void columns_are_cells(void **state)
{
    struct report report = {0};

    (void)state;
    /* A tab, two cells for each of the two ideographs, a combining accent. */
    place_file_write("a.c", "\tf(\"\xe6\xbc\xa2\xe5\xad\x97\", "
                            "\"e\xcc\x81\"); g();\n");
    diag_new(&report, SEVERITY_ERROR, "m");
    mark_add(&report, MARK_PRIMARY, "a.c", 1, 22, 1, "g");
    mark_add(&report, MARK_STEP, "a.c", 1, 4, 8, "wide");
    prints_as(&report, plain, text_print,
              "error[some-rule]: m\n"
              " --> a.c:1:22\n"
              "  |\n"
              "1 |         f(\"\xe6\xbc\xa2\xe5\xad\x97\", "
              "\"e\xcc\x81\"); g();\n"
              "  |           ------ wide\n"
              "  |                         ^ g\n"
              "  |\n"
              "\n");
}

static void line_ends_of_all_kinds(void **state)
{
    struct report report = {0};

    (void)state;
    place_file_write("a.c", "one\r\ntwo\rthree\nfour");
    diag_new(&report, SEVERITY_ERROR, "m");
    for (uint32_t line = 1; line <= 4; line++)
        mark_add(&report, MARK_STEP, "a.c", line, 1, 3, "x");
    prints_as(&report, plain, text_print,
              "error[some-rule]: m\n"
              " --> a.c:1:1\n"
              "  |\n"
              "1 | one\n"
              "  | --- x\n"
              "2 | two\n"
              "  | --- x\n"
              "3 | three\n"
              "  | --- x\n"
              "4 | four\n"
              "  | --- x\n"
              "  |\n"
              "\n");
}

static void spans_may_lie(void **state)
{
    struct report report = {0};
    struct mark across = {MARK_STEP, {"a.c", 1, 3, 2, 2}, "across"};

    (void)state;
    place_file_write("a.c", "abcdef  \nx\n");
    diag_new(&report, SEVERITY_ERROR, "m");
    mark_add(&report, MARK_PRIMARY, "a.c", 1, 999, 5, "behind the end");
    vec_add(&report.arena, &report.diag->marks, across);
    mark_add(&report, MARK_STEP, "a.c", 2, 1, 0, "empty");
    mark_add(&report, MARK_STEP, "a.c", 7, 1, 1, "no such line");
    mark_add(&report, MARK_STEP, "a.c", 0, 0, 0, "nowhere");
    mark_add(&report, MARK_STEP, NULL, 0, 0, 0, "no file");
    prints_as(&report, plain, text_print,
              "error[some-rule]: m\n"
              " --> a.c:1:999\n"
              "  = note: a.c:7:1: no such line\n"
              "  = note: a.c:0:0: nowhere\n"
              "  |\n"
              "1 | abcdef\n"
              "  |   ---- across\n"
              "  |         ^ behind the end\n"
              "2 | x\n"
              "  | - empty\n"
              "  |\n"
              "\n");
}

static void long_lines_are_cut_around_the_mark(void **state)
{
    struct report report = {0};
    struct strbuf line = {.arena = &report.arena};
    char *text;

    (void)state;
    for (int i = 0; i < 30000; i++)
        strbuf_add(&line, "0123456789");
    place_file_write("a.c", strbuf_text(&line));
    diag_new(&report, SEVERITY_ERROR, "m");
    mark_add(&report, MARK_PRIMARY, "a.c", 1, 200001, 3, "here");
    mark_add(&report, MARK_STEP, "a.c", 1, 250001, 3, "far away");
    text = printed(&report, plain, text_print);
    assert_non_null(strstr(text, "\n1 | ...0123456789"));
    assert_non_null(strstr(text, "0123456789...\n"));
    assert_non_null(strstr(text,
                           "  |                                            ^^^ "
                           "here\n"));
    assert_true(strlen(text) < 1000);
    free(text);
    arena_finish(&report.arena);
}

static void many_marks_are_counted(void **state)
{
    struct report report = {0};
    char *text;

    (void)state;
    place_file_write("a.c", "x\n");
    diag_new(&report, SEVERITY_ERROR, "m");
    for (uint32_t i = 1; i <= 500; i++)
        mark_add(&report, MARK_AWAIT, "a.c", i, 1, 1, "here");
    text = printed(&report, plain, text_print);
    assert_non_null(strstr(text, " = note: 476 more places are not shown\n"));
    free(text);
    arena_finish(&report.arena);
}

static void what_is_no_file_is_not_opened(void **state)
{
    struct report report = {0};

    (void)state;
    assert_int_equal(mkfifo("fifo.c", 0600), 0);
    diag_new(&report, SEVERITY_ERROR, "m");
    mark_add(&report, MARK_PRIMARY, "fifo.c", 1, 1, 1, "x");
    mark_add(&report, MARK_STEP, ".", 1, 1, 1, "y");
    prints_as(&report, plain, text_print,
              "error[some-rule]: m\n"
              " --> fifo.c:1:1\n"
              "  = note: fifo.c:1:1: x\n"
              " ::: .:1:1\n"
              "  = note: .:1:1: y\n"
              "\n");
}

static void gcc_has_a_line_each(void **state)
{
    struct report report = chat_report();

    (void)state;
    diag_new(&report, SEVERITY_WARNING, "other");
    mark_add(&report, MARK_PRIMARY, "d\ne:f.c", 1, 2, 3, NULL);
    prints_as(&report, plain, gcc_print,
              "chat.c:9:9: error: 'room->lock' is held while the task "
              "suspends [some-rule]\n"
              "chat.c:5:5: note: taken here\n"
              "chat.c:9:9: note: suspends here, still holding it\n"
              "chat.c:11:5: note: and here\n"
              "d<U+000A>e:f.c:1:2: warning: other [some-rule]\n");
}

static void colors_are_balanced(void **state)
{
    struct output output = {.has_color = true};
    struct report report = chat_report();
    uint32_t begun = 0;
    uint32_t ended = 0;
    char *text;

    (void)state;
    place_file_write("chat.c", chat);
    text = printed(&report, output, text_print);
    for (const char *at = strchr(text, '\033'); at; at = strchr(at + 1, '\033'))
        if (!strncmp(at, "\033[0m", 4))
            ended++;
        else
            begun++;
    assert_int_equal(begun, ended);
    assert_non_null(strstr(text, "\033[1;31merror[some-rule]\033[0m"));
    free(text);
    arena_finish(&report.arena);
}

static void the_environment_decides_on_colors(void **state)
{
    struct output output = output_for(stderr);

    (void)state;
    setenv("GITHUB_ACTIONS", "true", 1);
    assert_true(output_for(stderr).is_github);
    unsetenv("GITHUB_ACTIONS");
    assert_false(output_for(stderr).is_github);
    setenv("NO_COLOR", "1", 1);
    output = output_for(stderr);
    unsetenv("NO_COLOR");
    assert_false(output.has_color);
}

static void summaries(void **state)
{
    struct report report = {0};

    (void)state;
    prints_as(&report, plain, text_summary_print, "no findings in 6 files\n");
    report = chat_report();
    prints_as(&report, plain, text_summary_print,
              "1 finding (1 error) in 1 of 6 files\n");
    report = chat_report();
    diag_new(&report, SEVERITY_WARNING, "m");
    mark_add(&report, MARK_PRIMARY, "x.c", 1, 1, 1, NULL);
    diag_new(&report, SEVERITY_WARNING, "n");
    mark_add(&report, MARK_PRIMARY, "x.c", 1, 1, 1, NULL);
    diag_new(&report, SEVERITY_NOTE, "o");
    mark_add(&report, MARK_PRIMARY, "x.c", 1, 1, 1, NULL);
    prints_as(&report, plain, text_summary_print,
              "4 findings (1 error, 2 warnings, 1 note) in 2 of 6 files\n");
    report = chat_report();
    prints_as(&report, (struct output){.file_count = 0}, text_summary_print,
              "1 finding (1 error) in 1 file\n");
}

static void a_failed_write_is_told(void **state)
{
    static const printer printers[] = {text_print, gcc_print,
                                       text_summary_print};
    struct report report = chat_report();

    (void)state;
    for (size_t i = 0; i < sizeof(printers) / sizeof(*printers); i++) {
        struct output output = {.file = fopen("/dev/full", "w")};
        struct err err = {0};

        assert_non_null(output.file);
        assert_false(printers[i](&output, &report.list, &err));
        assert_string_equal(err.text, "cannot write the findings: No space "
                                      "left on device");
        fclose(output.file);
    }
    arena_finish(&report.arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_finding_shows_its_story),
    cmocka_unit_test(other_files_have_their_own_header),
    cmocka_unit_test(marks_of_one_place_are_one),
    cmocka_unit_test(marks_of_one_line_are_rows),
    cmocka_unit_test(columns_are_cells),
    cmocka_unit_test(line_ends_of_all_kinds),
    cmocka_unit_test(spans_may_lie),
    cmocka_unit_test(long_lines_are_cut_around_the_mark),
    cmocka_unit_test(many_marks_are_counted),
    cmocka_unit_test(what_is_no_file_is_not_opened),
    cmocka_unit_test(gcc_has_a_line_each),
    cmocka_unit_test(colors_are_balanced),
    cmocka_unit_test(the_environment_decides_on_colors),
    cmocka_unit_test(summaries),
    cmocka_unit_test(a_failed_write_is_told),
};

int main(void)
{
    return cmocka_run_group_tests(tests, place_setup, place_teardown);
}
