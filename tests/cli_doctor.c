/*
 * `asynclint doctor`: says what a run would stand on, and what to do about
 * what is missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/place.h"
#include "support/run.h"

/* Each of the words, which are parted by '|', is said. */
static void says(struct place *place, const char *arguments, int status,
                 const char *words)
{
    struct ran ran = place_lint(place, arguments);
    char *rest = arena_strdup(&place->arena, words);
    const char *word;

    while ((word = strsep(&rest, "|")))
        if (!strstr(ran.out, word) && !strstr(ran.err, word))
            fail_msg("%s: no '%s' in\n%s%s", arguments, word, ran.out, ran.err);
    if (ran.status != status)
        fail_msg("%s: status %d, expected %d\n%s%s", arguments, ran.status,
                 status, ran.out, ran.err);
}

static void well_without_a_build(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "int a;\n");
    says(place, "doctor", 0,
         "libclang  |clang version |its own headers  |/lib/clang/|"
         "compilation database  none; flags are guessed|"
         "packs                 those that are shipped|"
         "configuration         none|"
         "cache                 not in use, nothing there: .asynclint_cache\n");
    says(place, "doctor doctor check", 2, "'doctor' takes one directory");
    says(place, "doctor nowhere", 2, "directory             'nowhere' is none");
}

static void build_without_a_database(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "int a;\n");
    place_file_write("CMakeLists.txt", "");
    says(place, "doctor", 2,
         "none; flags|try                   cmake -B build -DCMAKE_EXPORT_");
    place_file_write("sub/Makefile", "");
    says(place, "doctor sub", 2, "try                   bear -- make");
    place_file_write("gnu/configure.ac", "");
    says(place, "doctor gnu", 2,
         "try                   autoreconf -i && ./conf");
    place_file_write("gen/build.ninja", "");
    says(place, "doctor gen", 2, "try                   ninja -t compdb");
    says(place, "doctor -p nowhere", 2, "none; flags|try  ");
}

static void database_and_its_coverage(void **state)
{
    struct place *place = *state;

    place_file_write("CMakeLists.txt", "");
    place_file_write("a.c", "int a;\n");
    place_file_write("b.c", "int b;\n");
    place_file_write("build/compile_commands.json",
                     arena_printf(&place->arena,
                                  "[{\"directory\": \"%s\", \"file\": \"a.c\", "
                                  "\"command\": \"cc -c a.c\"}]",
                                  place->folder));
    says(place, "doctor", 0, "build/compile_commands.json: has 1 of the 2 C");
    place_file_write("else/c.c", "int c;\n");
    says(place, "doctor else", 2, "has 0 of the 1 C files below 'else'");
    place_file_write("build/compile_commands.json", "{");
    says(place, "doctor", 2,
         "compilation database  |build/compile_commands.|"
         "try  ");
}

/* Presets build in build/X: the first is taken, and the others are named. */
static void several_databases(void **state)
{
    struct place *place = *state;
    const char *entry = arena_printf(&place->arena,
                                     "[{\"directory\": \"%s\", \"file\": "
                                     "\"a.c\", \"command\": \"cc a.c\"}]",
                                     place->folder);

    place_file_write("a.c", "int a;\n");
    place_file_write("build/dev/compile_commands.json", entry);
    place_file_write("build/release/compile_commands.json", entry);
    place_file_write("build/notes/README", "");
    says(place, "doctor", 0,
         "build/dev/compile_commands.json: has 1 of the 1 C files|"
         "others                -p build/release\n");
    says(place, "doctor -p build/release", 0,
         "build/release/compile_commands.json: has 1 of the 1 C files");
}

static void settings(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "int a;\n");
    place_file_write("x.yaml", "nonsense: 1\n");
    place_file_write(".asynclint.yaml", "cache: true\n");
    says(place, "a.c", 0, "");
    says(place, "doctor", 0,
         "configuration         .asynclint.yaml|cache                 in use, "
         "1 entries");
    says(place, "doctor --pack x.yaml", 2, "packs                 x.yaml:1:");
    place_file_write(".asynclint.yaml", "cash: true\n");
    says(place, "doctor", 2, "unknown key 'cash'");
}

/* The names that it looks for are changed to some that nothing has. */
static void without_libclang(void **state)
{
    struct place *place = *state;
    struct ran ran = place_sh(
        place, "LC_ALL=C sed 's/libclang\\([-.][0-9s]\\)/libcl4ng\\1/g' "
               "\"$ASYNCLINT\" > lint; chmod +x lint; echo 'int a;' > a.c;"
               "./lint a.c 2>&1; echo $?; ./lint --version; ./lint doctor");
    const char *said = "asynclint: libclang can't be loaded: libcl4ng";

    assert_ptr_equal(strstr(ran.out, said), ran.out);
    assert_non_null(strstr(ran.out, "\n2\nasynclint " ASYNCLINT_VERSION
                                    " (libclang can't be loaded"));
    assert_non_null(strstr(ran.out, "try                   "
                                    "apt-get install libclang1-"));
    assert_int_equal(ran.status, 2);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(well_without_a_build),
        TEST(build_without_a_database),
        TEST(database_and_its_coverage),
        TEST(several_databases),
        TEST(settings),
        TEST(without_libclang),
    };
#undef TEST

    return cmocka_run_group_tests_name("cli_doctor", tests, NULL, NULL);
}
