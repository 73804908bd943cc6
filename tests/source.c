/*
 * input/source: from paths to units, with and without a database. Each test
 * makes its tree in a new directory and works there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "input/source.h"

struct place {
    struct arena arena;
    char folder[64];
    char before[4096];
};

static void file_write(const char *path, const char *text)
{
    char folder[512];
    FILE *file;

    for (const char *slash = strchr(path, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        if (*folder && mkdir(folder, 0700) && errno != EEXIST)
            fail_msg("cannot make '%s'", folder);
    }
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    strcpy(place->folder, "/tmp/asynclint-source-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_non_null(getcwd(place->before, sizeof(place->before)));
    assert_int_equal(chdir(place->folder), 0);
    assert_int_equal(mkdir(".git", 0700), 0);
    *state = place;
    return 0;
}

static int entry_remove(const char *path, const struct stat *info, int kind,
                        struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    struct place *place = *state;

    assert_int_equal(chdir(place->before), 0);
    nftw(place->folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
    arena_finish(&place->arena);
    free(place);
    return 0;
}

static struct args args_of(struct place *place, const char *paths)
{
    struct args args = {.timeout_s = 20, .config_file = ".asynclint.yaml"};
    char *rest = arena_strdup(&place->arena, paths);

    for (char *path = strtok(rest, " "); path; path = strtok(NULL, " "))
        vec_add(&place->arena, &args.paths, path);
    return args;
}

/* "file|flags" of each unit, a line each. */
static const char *units_text(struct place *place,
                              const struct source_list *list)
{
    struct strbuf text = {.arena = &place->arena};

    strbuf_add(&text, "");
    for (uint32_t i = 0; i < list->units.count; i++) {
        const struct source *unit = &list->units.items[i];

        strbuf_printf(&text, "%s|", unit->file);
        for (int k = 0; k < unit->flag_count; k++)
            strbuf_printf(&text, "%s%s", k ? " " : "", unit->flags[k]);
        strbuf_add(&text, "\n");
        assert_int_equal(unit->path[0], '/');
        assert_int_equal(access(unit->path, F_OK), 0);
        assert_int_equal(unit->directory[0], '/');
    }
    return strbuf_text(&text);
}

static const char *notes_text(struct place *place,
                              const struct source_list *list)
{
    struct strbuf text = {.arena = &place->arena};

    for (uint32_t i = 0; i < list->notes.count; i++)
        strbuf_printf(&text, "%s\n", list->notes.items[i]);
    return strbuf_text(&text);
}

static struct source_list built(struct place *place, const struct args *args)
{
    struct source_list list = {0};
    struct err err = {0};

    if (!source_list_build(&list, &place->arena, args, &err))
        fail_msg("%s", err.text);
    return list;
}

static void gives(struct place *place, const char *paths, const char *units,
                  const char *notes)
{
    struct args args = args_of(place, paths);
    struct source_list list = built(place, &args);

    assert_string_equal(units_text(place, &list), units);
    assert_string_equal(notes_text(place, &list), notes);
}

static void refuses(struct place *place, const char *paths,
                    const char *sentence)
{
    struct args args = args_of(place, paths);
    struct source_list list = {0};
    struct err err = {0};

    assert_false(source_list_build(&list, &place->arena, &args, &err));
    assert_string_equal(err.text, sentence);
}

static void files_get_include_directories(void **state)
{
    struct place *place = *state;

    file_write("sample/include/rt.h", "");
    file_write("sample/examples/deep/a.c", "");
    file_write("sample/examples/b.c", "");
    gives(place, "sample/examples",
          "sample/examples/b.c|-I sample/examples -I sample/include\n"
          "sample/examples/deep/a.c|-I sample/examples/deep -I "
          "sample/include\n",
          "");
    gives(place, "./sample/../sample/examples/b.c sample/examples/b.c",
          "sample/examples/b.c|-I sample/examples -I sample/include\n", "");
    assert_int_equal(chdir("sample/examples"), 0);
    gives(place, "b.c",
          arena_printf(&place->arena, "b.c|-I . -I %s/sample/include\n",
                       place->folder),
          "");
}

static void flags_behind_the_dashes_are_appended(void **state)
{
    struct place *place = *state;
    struct args args = args_of(place, "a.c h.h");
    struct source_list list;

    file_write("a.c", "");
    file_write("h.h", "");
    vec_add(&place->arena, &args.flags, "-DX");
    list = built(place, &args);
    assert_string_equal(units_text(place, &list),
                        "a.c|-I . -DX\nh.h|-xc -I . -DX\n");
}

static void walks_leave_out_what_is_no_source(void **state)
{
    struct place *place = *state;
    FILE *large;

    file_write("a.c", "");
    file_write("A.C", "");
    file_write("b.h", "");
    file_write(".hidden/x.c", "");
    file_write("node_modules/x.c", "");
    file_write("out/CMakeCache.txt", "");
    file_write("out/x.c", "");
    file_write("folder.c/in.c", "");
    file_write("large.c", "");
    large = fopen("large.c", "w");
    assert_non_null(large);
    fseek(large, 9 << 20, SEEK_SET);
    fputc('\n', large);
    fclose(large);
    assert_int_equal(mkfifo("fifo.c", 0600), 0);
    assert_int_equal(symlink("/etc/passwd", "link.c"), 0);
    assert_int_equal(symlink("..", "loop"), 0);
    gives(place, ".",
          "a.c|-I .\n"
          "folder.c/in.c|-I folder.c\n",
          "skipped 'fifo.c': it is a FIFO\n"
          "skipped 'large.c': it is larger than 8 MiB\n");
    gives(place, "out", "out/x.c|-I out\n", "");
}

static void odd_names_are_fine(void **state)
{
    struct place *place = *state;

    file_write("d/a\nb.c", "");
    file_write("d/-x.c", "");
    file_write("d/\xff.c", "");
    gives(place, "d", "d/-x.c|-I d\nd/a\nb.c|-I d\nd/\xff.c|-I d\n", "");
}

static void bad_paths_get_a_sentence(void **state)
{
    struct place *place = *state;

    file_write("empty/readme", "");
    file_write("a.c", "");
    assert_int_equal(mkfifo("fifo.c", 0600), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    refuses(place, "none.c", "no such file or directory: 'none.c'");
    refuses(place, "a.c none", "no such file or directory: 'none'");
    refuses(place, "empty", "no C files in 'empty'");
    refuses(place, "fifo.c", "cannot check 'fifo.c': it is a FIFO");
    refuses(place, "/dev/null", "cannot check '/dev/null': it is a device");
    refuses(place, "loop",
            "cannot look at 'loop': Too many levels of "
            "symbolic links");
    refuses(place, "a.c/b", "cannot look at 'a.c/b': Not a directory");
}

static void unreadable_is_said(void **state)
{
    struct place *place = *state;

    if (!geteuid())
        skip(); /* root reads everything */
    file_write("d/locked/a.c", "");
    file_write("d/b.c", "");
    chmod("d/locked", 0);
    gives(place, "d", "d/b.c|-I d\n",
          "skipped 'd/locked': it can't be read: Permission denied\n");
    refuses(place, "d/locked",
            "cannot read the directory 'd/locked': Permission denied");
    chmod("d/locked", 0700);
}

static void excludes_hold_for_directories_only(void **state)
{
    struct place *place = *state;
    struct args args = args_of(place, "src");
    struct source_list list;
    struct err err = {0};

    file_write("src/a.c", "");
    file_write("src/gen/b.c", "");
    file_write("src/c_gen.c", "");
    args.exclude_base = place->folder;
    vec_add(&place->arena, &args.excludes, "src/gen");
    vec_add(&place->arena, &args.excludes, "*_gen.c");
    list = built(place, &args);
    assert_string_equal(units_text(place, &list), "src/a.c|-I src\n");
    vec_add(&place->arena, &args.excludes, "*");
    list = (struct source_list){0};
    assert_false(source_list_build(&list, &place->arena, &args, &err));
    assert_string_equal(err.text,
                        "nothing to check: '.asynclint.yaml' excludes all "
                        "files");
    args.paths.items[0] = "src/gen/b.c";
    list = built(place, &args);
    assert_string_equal(units_text(place, &list), "src/gen/b.c|-I src/gen\n");
}

/* --- with a database --- */

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
    file_write(path, strbuf_text(&full));
}

static void the_database_decides(void **state)
{
    struct place *place = *state;

    file_write("src/a.c", "");
    file_write("src/b.c", "");
    file_write("src/new.c", "");
    file_write("src/cxx.cc", "");
    file_write("other/o.c", "");
    file_write("flags.rsp", "-DRSP '-I x y'");
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
    gives(place, "src",
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

    file_write("src/a.c", "");
    file_write("src/new.c", "");
    file_write("other/o.c", "");
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"src/a.c\","
                   "\"command\": \"cc -DA -c src/a.c\"}]");
    gives(place, "src/a.c src/new.c", "src/a.c|-DA\nsrc/new.c|-DA\n",
          "'src/new.c' is not in 'compile_commands.json': using the flags of "
          "the file with the nearest name\n");
    gives(place, "other", "other/o.c|-I other\n",
          "no file below 'other' is in 'compile_commands.json': using guessed "
          "flags\n");
}

static void entries_know_their_directory(void **state)
{
    struct place *place = *state;
    struct args args = args_of(place, "src");
    struct source_list list;

    file_write("src/a.c", "");
    file_write("out/x", "");
    database_write(place, "out/compile_commands.json",
                   "[{\"directory\": \"../src\", \"file\": \"a.c\","
                   "\"command\": \"cc -I. -c a.c\"}]");
    args.build_dir = "out";
    list = built(place, &args);
    assert_string_equal(units_text(place, &list), "src/a.c|-I.\n");
    assert_string_equal(list.database, "out/compile_commands.json");
    assert_string_equal(
        list.units.items[0].directory,
        arena_printf(&place->arena, "%s/out/../src", place->folder));
}

static void trust_passes_what_the_list_drops(void **state)
{
    struct place *place = *state;
    struct args args = args_of(place, "a.c");
    struct source_list list;

    file_write("a.c", "");
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"a.c\","
                   "\"command\": \"cc -Wall -DA -fplugin=x -c -o a.o a.c\"}]");
    args.trusts_flags = true;
    list = built(place, &args);
    assert_string_equal(units_text(place, &list), "a.c|-Wall -DA -fplugin=x\n");
}

static void bad_entries_cost_themselves(void **state)
{
    struct place *place = *state;

    file_write("a.c", "");
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
    gives(place, "a.c", "a.c|\n",
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
    struct args args = args_of(place, "a.c");
    struct source_list list = {0};
    struct err err = {0};

    file_write("a.c", "");
    file_write("compile_commands.json", "[{\"a\": 1},\n  oops]");
    refuses(place, "a.c",
            "compile_commands.json:2:6: not JSON: invalid token "
            "near 'oops'");
    file_write("compile_commands.json", "");
    refuses(place, "a.c",
            "compile_commands.json:1:1: not JSON: '[' or '{' "
            "expected near end of file");
    file_write("compile_commands.json", "{}");
    refuses(place, "a.c",
            "'compile_commands.json' is no compilation "
            "database: not an array");
    file_write("compile_commands.json", "[]");
    refuses(place, "a.c",
            "'compile_commands.json' is empty: no file to look at");
    file_write("compile_commands.json", "[1]");
    refuses(place, "a.c", "'compile_commands.json' has no good entry");
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
    struct args args = args_of(place, "a.c");
    struct source_list list = {0};
    struct err err = {0};

    file_write("a.c", "");
    file_write("flags.rsp", "@fifo");
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

    file_write("a.c", "");
    file_write("flags.rsp", "-DA @flags.rsp");
    database_write(place, "compile_commands.json",
                   "[{\"directory\": \"@/\", \"file\": \"a.c\","
                   "\"arguments\": [\"cc\", \"@flags.rsp\"]}]");
    gives(place, "a.c", "a.c|-DA\n", "");
}

static void large_databases_are_quick(void **state)
{
    enum { ENTRIES = 20000 };
    struct place *place = *state;
    struct args args = args_of(place, ".");
    struct strbuf text = {.arena = &place->arena};
    struct source_list list;

    file_write("a.c", "");
    strbuf_add(&text, "[");
    for (int i = 0; i < ENTRIES; i++)
        strbuf_printf(&text,
                      "%s{\"directory\": \"%s\", \"file\": \"a.c\", "
                      "\"command\": \"cc -DN%d -c a.c\"}",
                      i ? "," : "", place->folder, i);
    strbuf_add(&text, "]");
    file_write("compile_commands.json", strbuf_text(&text));
    list = built(place, &args);
    assert_string_equal(units_text(place, &list), "a.c|-DN0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_get_include_directories, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(flags_behind_the_dashes_are_appended,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(walks_leave_out_what_is_no_source,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(odd_names_are_fine, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_paths_get_a_sentence, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(unreadable_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(excludes_hold_for_directories_only,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(the_database_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(files_not_listed_are_guessed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(entries_know_their_directory, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(trust_passes_what_the_list_drops, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bad_entries_cost_themselves, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bad_databases_get_a_sentence, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_hanging_reader_is_ended, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_recursive_response_file_ends, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(large_databases_are_quick, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
