/*
 * input/source without a compilation database: from paths to units.
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

#include "support/units.h"

static void files_get_include_directories(void **state)
{
    struct place *place = *state;

    place_file_write("sample/include/rt.h", "");
    place_file_write("sample/examples/deep/a.c", "");
    place_file_write("sample/examples/b.c", "");
    units_expect(place, "sample/examples",
                 "sample/examples/b.c|-I sample/examples -I sample/include\n"
                 "sample/examples/deep/a.c|-I sample/examples/deep -I "
                 "sample/include\n",
                 "");
    units_expect(place, "./sample/../sample/examples/b.c sample/examples/b.c",
                 "sample/examples/b.c|-I sample/examples -I sample/include\n",
                 "");
    assert_int_equal(chdir("sample/examples"), 0);
    units_expect(place, "b.c",
                 arena_printf(&place->arena, "b.c|-I . -I %s/sample/include\n",
                              place->folder),
                 "");
}

static void headers_are_found_in_the_tree(void **state)
{
    struct place *place = *state;

    place_file_write("t/configure.ac", "");
    place_file_write("t/src/core/main.c", "#include \"core/queue.h\"\n"
                                          "#  include <util/list.h>\n"
                                          "#include \"clock.h\"\n"
                                          "#include <stdio.h>\n"
                                          "#include \"config.h\"\n");
    /* What a header includes is needed, too; it is beside nobody. */
    place_file_write("t/src/core/queue.h", "#include \"node.h\"\n");
    place_file_write("t/src/parts/node.h", "");
    /* Two that lie equally near: nobody knows. */
    place_file_write("t/src/util/clock.h", "");
    place_file_write("t/src/parts/clock.h", "");
    place_file_write("t/lib/util/list.h", "");
    /* For other systems, for tests, or made by configuring: not meant. */
    place_file_write("t/win32/util/list.h", "");
    place_file_write("t/tests/util/list.h", "");
    place_file_write("t/other/config.h", "");
    units_expect(
        place, "t/src/core/main.c",
        "t/src/core/main.c|-I t/src/core -iquote t/src -I t/lib -iquote "
        "t/src/parts\n",
        "");
    /* A tree without any sign of a root is what is checked. */
    assert_int_equal(unlink("t/configure.ac"), 0);
    assert_int_equal(rmdir(".git"), 0);
    units_expect(place, "t/src/core/main.c",
                 "t/src/core/main.c|-I t/src/core\n", "");
    units_expect(place, "t/src",
                 "t/src/core/main.c|-I t/src/core -iquote t/src -iquote "
                 "t/src/parts\n",
                 "");
}

static void kernels_get_their_makefiles_flags(void **state)
{
    struct place *place = *state;

    place_file_write("k/Kconfig", "");
    place_file_write("k/Kbuild", "");
    place_file_write("k/include/linux/kconfig.h", "");
    place_file_write("k/include/uapi/linux/types.h", "");
    place_file_write("k/arch/x86/include/asm/page.h", "");
    place_file_write("k/arch/arm/include/asm/page.h", "");
    place_file_write("k/arch/arm/mm/a.c", "");
    place_file_write("k/fs/Kconfig", "");
    place_file_write("k/fs/b.c", "");
    place_file_write("k/tools/t.c", "");
    units_expect(place, "k",
                 "k/arch/arm/mm/a.c|-D__KERNEL__ -I k/arch/arm/mm -I "
                 "k/arch/arm/include -I k/include -I k/include/uapi -I "
                 "k/arch/arm/include -I k/include\n"
                 "k/fs/b.c|-D__KERNEL__ -I k/fs -I k/arch/x86/include -I "
                 "k/include -I k/include/uapi -I k/include\n"
                 "k/tools/t.c|-I k/tools -I k/include\n",
                 "");
    place_file_write("k/include/generated/autoconf.h", "");
    units_expect(place, "k/fs",
                 "k/fs/b.c|-D__KERNEL__ -include k/include/linux/kconfig.h -I "
                 "k/fs -I k/arch/x86/include -I k/include -I k/include/uapi "
                 "-I k/include/generated -I k/include\n",
                 "");
}

static void flags_behind_the_dashes_are_appended(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "a.c h.h");
    struct source_list list;

    place_file_write("a.c", "");
    place_file_write("h.h", "");
    vec_add(&place->arena, &args.flags, "-DX");
    list = units_build(place, &args);
    assert_string_equal(units_text(place, &list),
                        "a.c|-DX -I .\nh.h|-xc -DX -I .\n");
}

/* They were typed here, wherever the database has its directory, and who types
 * knows better where headers are than a guess. */
static void paths_behind_the_dashes_start_here(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "a.c");
    struct source_list list;

    place_file_write("a.c", "");
    vec_add(&place->arena, &args.flags, "-Iinclude");
    vec_add(&place->arena, &args.flags, "-isystem");
    vec_add(&place->arena, &args.flags, "sys");
    vec_add(&place->arena, &args.flags, "-I/usr/include");
    list = units_build(place, &args);
    assert_string_equal(
        units_text(place, &list),
        arena_printf(&place->arena,
                     "a.c|-I%s/include -isystem %s/sys -I/usr/include -I .\n",
                     place->folder, place->folder));
}

static void walks_leave_out_what_is_no_source(void **state)
{
    struct place *place = *state;
    FILE *large;

    place_file_write("a.c", "");
    place_file_write("A.C", "");
    place_file_write("b.h", "");
    place_file_write(".hidden/x.c", "");
    place_file_write("node_modules/x.c", "");
    place_file_write("out/CMakeCache.txt", "");
    place_file_write("out/x.c", "");
    place_file_write("folder.c/in.c", "");
    place_file_write("large.c", "");
    large = fopen("large.c", "w");
    assert_non_null(large);
    fseek(large, 9 << 20, SEEK_SET);
    fputc('\n', large);
    fclose(large);
    assert_int_equal(mkfifo("fifo.c", 0600), 0);
    assert_int_equal(symlink("/etc/passwd", "link.c"), 0);
    assert_int_equal(symlink("..", "loop"), 0);
    units_expect(place, ".",
                 "a.c|-I .\n"
                 "folder.c/in.c|-I folder.c\n",
                 "skipped 'fifo.c': it is a FIFO\n"
                 "skipped 'large.c': it is larger than 8 MiB\n");
    units_expect(place, "out", "out/x.c|-I out\n", "");
}

static void odd_names_are_fine(void **state)
{
    struct place *place = *state;

    place_file_write("d/a\nb.c", "");
    place_file_write("d/-x.c", "");
    place_file_write("d/\xff.c", "");
    units_expect(place, "d", "d/-x.c|-I d\nd/a\nb.c|-I d\nd/\xff.c|-I d\n", "");
}

static void bad_paths_get_a_sentence(void **state)
{
    struct place *place = *state;

    place_file_write("empty/readme", "");
    place_file_write("a.c", "");
    assert_int_equal(mkfifo("fifo.c", 0600), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    units_refuse(place, "none.c", "no such file or directory: 'none.c'");
    units_refuse(place, "a.c none", "no such file or directory: 'none'");
    units_refuse(place, "empty", "no C files in 'empty'");
    units_refuse(place, "fifo.c", "cannot check 'fifo.c': it is a FIFO");
    units_refuse(place, "/dev/null",
                 "cannot check '/dev/null': it is a device");
    units_refuse(place, "loop",
                 "cannot look at 'loop': Too many levels of "
                 "symbolic links");
    units_refuse(place, "a.c/b", "cannot look at 'a.c/b': Not a directory");
}

static void unreadable_is_said(void **state)
{
    struct place *place = *state;

    if (!geteuid())
        skip(); /* root reads everything */
    place_file_write("d/locked/a.c", "");
    place_file_write("d/b.c", "");
    chmod("d/locked", 0);
    units_expect(place, "d", "d/b.c|-I d\n",
                 "skipped 'd/locked': it can't be read: Permission denied\n");
    units_refuse(place, "d/locked",
                 "cannot read the directory 'd/locked': Permission denied");
    chmod("d/locked", 0700);
}

static void excludes_hold_for_directories_only(void **state)
{
    struct place *place = *state;
    struct args args = units_args(place, "src");
    struct source_list list;
    struct err err = {0};

    place_file_write("src/a.c", "");
    place_file_write("src/gen/b.c", "");
    place_file_write("src/c_gen.c", "");
    args.exclude_base = place->folder;
    vec_add(&place->arena, &args.excludes, "src/gen");
    vec_add(&place->arena, &args.excludes, "*_gen.c");
    list = units_build(place, &args);
    assert_string_equal(units_text(place, &list), "src/a.c|-I src\n");
    vec_add(&place->arena, &args.excludes, "*");
    list = (struct source_list){0};
    assert_false(source_list_build(&list, &place->arena, &args, &err));
    assert_string_equal(err.text,
                        "nothing to check: '.asynclint.yaml' excludes all "
                        "files");
    args.paths.items[0] = "src/gen/b.c";
    list = units_build(place, &args);
    assert_string_equal(units_text(place, &list), "src/gen/b.c|-I src/gen\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_get_include_directories,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(headers_are_found_in_the_tree,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(kernels_get_their_makefiles_flags,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(flags_behind_the_dashes_are_appended,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(paths_behind_the_dashes_start_here,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(walks_leave_out_what_is_no_source,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(odd_names_are_fine, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(bad_paths_get_a_sentence, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(unreadable_is_said, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(excludes_hold_for_directories_only,
                                        place_setup, place_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
