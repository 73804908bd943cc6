/*
 * input/source with a compilation database, good and bad.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "support/units.h"

/* Writes it with `@` standing for the folder. */
static void database_write(struct place *place, const char *path,
                           const char *text)
{
    struct strbuf full = {.arena = &place->arena};

    for (; *text; text++) {
        if (*text == '@' && text[1] == '/')
            strbuf_add(&full, place->folder);
        else
            strbuf_add_bytes(&full, text, 1);
    }
    place_file_write(path, strbuf_text(&full));
}

static void the_database_decides(void **state)
{
    struct place *place = *state;

    place_file_write("src/a.c", "");
    place_file_write("src/b.c", "");
    place_file_write("src/new.c", "");
    place_file_write("src/cxx.cc", "");
    place_file_write("other/o.c", "");
    place_file_write("flags.rsp", "-DRSP '-I x y'");
    database_write(
        place, "build/dev/compile_commands.json",
        "[{\"directory\": \"@/build/dev\", \"file\": \"@/src/b.c\","
        "  \"command\": \"ccache cc -Wall -DB=\\\\\\\"q\\\\\\\" -I../../inc "
        "-o b.o -c @/src/b.c -MF x\"},"
        " {\"directory\": \"@/\", \"file\": \"src/a.c\","
        "  \"arguments\": [\"/x/aarch64-linux-gnu-gcc-12\", \"@flags.rsp\", "
        "\"-c\", \"src/a.c\"]},"
        " {\"directory\": \"@/\", \"file\": \"src/cxx.cc\","
        "  \"arguments\": [\"c++\", \"-c\", \"src/cxx.cc\"]},"
        " {\"directory\": \"@/\", \"file\": \"gone.c\","
        "  \"arguments\": [\"cc\", \"-c\", \"gone.c\"]},"
        " {\"directory\": \"@/\", \"file\": \"@/src/../src/a.c\","
        "  \"arguments\": [\"cc\", \"-DSECOND\", \"-c\", \"src/a.c\"]}]");
    units_expect(
        place, "src",
        "src/a.c|--target=aarch64-linux-gnu -DRSP -I x y\n"
        "src/b.c|-DB=\"q\" -I../../inc\n",
        arena_printf(
            &place->arena,
            "1 of the files listed in 'build/dev/compile_commands.json' is "
            "not there, such as '%s/gone.c'\n"
            "1 C file below 'src' is not in "
            "'build/dev/compile_commands.json': left out\n",
            place->folder));
}

static void files_not_listed_are_guessed(void **state)
{
    struct place *place = *state;

    place_file_write("src/a.c", "");
    place_file_write("src/new.c", "");
    place_file_write("other/o.c", "");
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"src/a.c\","
                   "\"command\": \"cc -DA -c src/a.c\"}]");
    units_expect(
        place, "src/a.c src/new.c", "src/a.c|-DA\nsrc/new.c|-DA\n",
        "'src/new.c' is not in 'compile_commands.json': using the flags of "
        "the file with the nearest name\n");
    units_expect(
        place, "other", "other/o.c|-I other\n",
        "no file below 'other' is in 'compile_commands.json': using guessed "
        "flags\n");
}

static void entries_know_their_directory(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "src");
    struct source_list list;

    place_file_write("src/a.c", "");
    place_file_write("out/x", "");
    database_write(place, "out/compile_commands.json",
                   "[{\"directory\": \"../src\", \"file\": \"a.c\","
                   "\"command\": \"cc -I. -c a.c\"}]");
    args.build_dir = "out";
    list = units_build(place, &args);
    assert_string_equal(units_text(place, &list), "src/a.c|-I.\n");
    assert_string_equal(list.database, "out/compile_commands.json");
    assert_string_equal(
        list.units.items[0].directory,
        arena_printf(&place->arena, "%s/out/../src", place->folder));
}

static void trust_passes_what_the_list_drops(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "a.c");
    struct source_list list;

    place_file_write("a.c", "");
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"a.c\","
                   "\"command\": \"cc -Wall -DA -fplugin=x -c -o a.o a.c\"}]");
    args.trusts_flags = true;
    list = units_build(place, &args);
    assert_string_equal(units_text(place, &list), "a.c|-Wall -DA -fplugin=x\n");
}

static void bad_entries_cost_themselves(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    database_write(
        place, "compile_commands.json",
        "[{\"directory\": \"@/\", \"file\": \"a.c\", \"command\": \"cc\"},"
        " {\"directory\": \"@/\"}, 1,"
        " {\"directory\": 1, \"file\": \"a.c\", \"command\": \"cc\"},"
        " {\"directory\": \"\", \"file\": \"a.c\", \"command\": \"cc\"},"
        " {\"directory\": \"@/\", \"file\": \"a.c\"},"
        " {\"directory\": \"@/\", \"file\": \"a.c\", \"arguments\": []},"
        " {\"directory\": \"@/\", \"file\": \"a.c\", \"arguments\": [1]},"
        " {\"directory\": \"@/\", \"file\": \"a.c\","
        "  \"arguments\": [\"cc\", \"@fifo\"]},"
        " {\"directory\": \"@/\", \"file\": \"a.c\","
        "  \"command\": \"cc @fifo\"}]");
    units_expect(
        place, "a.c", "a.c|\n",
        "entry 2 of 'compile_commands.json' has no 'file'\n"
        "entry 3 of 'compile_commands.json' is no object\n"
        "entry 4 of 'compile_commands.json' has a 'directory' that is no "
        "string\n"
        "entry 5 of 'compile_commands.json' has an empty 'directory'\n"
        "entry 6 of 'compile_commands.json' has neither 'command' nor "
        "'arguments'\n"
        "entry 7 of 'compile_commands.json' has 'arguments' that are no "
        "list with a compiler\n"
        "entry 8 of 'compile_commands.json' has an argument that is no "
        "string\n"
        "entry 9 of 'compile_commands.json' has a response file that is no "
        "regular file\n"
        "entry 10 of 'compile_commands.json' has a response file that is "
        "no regular file\n");
}

static void bad_databases_get_a_sentence(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "a.c");
    struct source_list list = {0};
    struct err err = {0};

    place_file_write("a.c", "");
    place_file_write("compile_commands.json", "[{\"a\": 1},\n  oops]");
    units_refuse(place, "a.c",
                 "compile_commands.json:2:6: not JSON: invalid token "
                 "near 'oops'");
    place_file_write("compile_commands.json", "");
    units_refuse(place, "a.c",
                 "compile_commands.json:1:1: not JSON: '[' or '{' "
                 "expected near end of file");
    place_file_write("compile_commands.json", "{}");
    units_refuse(place, "a.c",
                 "'compile_commands.json' is no compilation "
                 "database: not an array");
    place_file_write("compile_commands.json", "[]");
    units_refuse(place, "a.c",
                 "'compile_commands.json' is empty: no file to look at");
    place_file_write("compile_commands.json", "[1]");
    units_refuse(place, "a.c",
                 "'compile_commands.json' has no good entry: the first is no "
                 "object");
    args.build_dir = "nowhere";
    assert_false(source_list_build(&list, &place->arena, &args, &err));
    assert_string_equal(err.text, "no compile_commands.json in 'nowhere': No "
                                  "such file or directory");
}

/* What a response file names is found only by its reader: the time limit is
 * the net below that. */
static void a_hanging_reader_is_ended(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "a.c");
    struct source_list list = {0};
    struct err err = {0};

    place_file_write("a.c", "");
    place_file_write("flags.rsp", "@fifo");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"a.c\","
                   "\"arguments\": [\"cc\", \"@flags.rsp\"]}]");
    args.timeout_s = 1;
    assert_false(source_list_build(&list, &place->arena, &args, &err));
    assert_string_equal(
        err.text, "cannot read 'compile_commands.json': its reader timed out");
}

static void a_recursive_response_file_ends(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "");
    place_file_write("flags.rsp", "-DA @flags.rsp");
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"a.c\","
                   "\"arguments\": [\"cc\", \"@flags.rsp\"]}]");
    units_expect(place, "a.c", "a.c|-DA\n", "");
}

static void large_databases_are_quick(void **state)
{
    enum { ENTRIES = 20000 };
    struct place *place = *state;
    struct args args = units_args(place, ".");
    struct strbuf text = {.arena = &place->arena};
    struct source_list list;

    place_file_write("a.c", "");
    strbuf_add(&text, "[");
    for (int i = 0; i < ENTRIES; i++)
        strbuf_printf(&text,
                      "%s{\"directory\": \"%s\", \"file\": \"a.c\", "
                      "\"command\": \"cc -DN%d -c a.c\"}",
                      i ? "," : "", place->folder, i);
    strbuf_add(&text, "]");
    place_file_write("compile_commands.json", strbuf_text(&text));
    list = units_build(place, &args);
    assert_string_equal(units_text(place, &list), "a.c|-DN0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_database_decides, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(files_not_listed_are_guessed,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(entries_know_their_directory,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(trust_passes_what_the_list_drops,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(bad_entries_cost_themselves,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(bad_databases_get_a_sentence,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(a_hanging_reader_is_ended, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(a_recursive_response_file_ends,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(large_databases_are_quick, place_setup,
                                        place_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
