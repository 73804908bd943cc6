/*
 * input/flags: which compiler flags get through.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "input/flags.h"

enum { WORDS_MAX = 64 };

static uint32_t words_split(struct arena *arena, const char *text,
                            const char **words)
{
    uint32_t count = 0;

    for (char *word = strtok(arena_strdup(arena, text), " "); word;
         word = strtok(NULL, " ")) {
        assert_true(count < WORDS_MAX);
        words[count++] = word;
    }
    return count;
}

static const char *joined(struct arena *arena, const struct flags *flags)
{
    struct strbuf text = {.arena = arena};

    for (uint32_t i = 0; i < flags->items.count; i++)
        strbuf_printf(&text, "%s%s", i ? " " : "", flags->items.items[i]);
    return strbuf_text(&text);
}

static void line_check(const char *line, const char *kept, bool has_compiler,
                       int dropped)
{
    const char *words[WORDS_MAX];
    struct arena arena = {0};
    struct flags flags = {0};
    uint32_t count = words_split(&arena, line, words);

    flags_allow(&flags, &arena, words, count, has_compiler);
    assert_string_equal(joined(&arena, &flags), kept);
    if (dropped >= 0)
        assert_int_equal(flags.dropped, dropped);
    arena_finish(&arena);
}

static void keeps(const char *line)
{
    line_check(line, line, false, 0);
}

static void becomes(const char *line, const char *kept)
{
    line_check(line, kept, false, -1);
}

static void what_says_how_c_is_read_passes(void **state)
{
    (void)state;
    keeps("-I include -Iinclude -isystem sys -isystemsys -iquote q -iquoteq "
          "-idirafter d -idirafterd");
    keeps("-D X -DX -DX=1 -D X=\"a\" -U Y -UY");
    keeps("-std=gnu11 --std=c99 -ansi -x c -xc");
    keeps("-include config.h -includeconfig.h");
    keeps("--target=aarch64-linux-gnu -target arm-none-eabi -m32 -m64 "
          "-march=native -mcpu=cortex-m4 -mthumb -msse4.2 -mavx512f");
    keeps("-fsigned-char -funsigned-char -fno-signed-char -fshort-enums "
          "-fms-extensions -fblocks -nostdinc -pthread -fopenmp "
          "-fgnu89-inline -fshort-wchar -fno-builtin -fno-builtin-printf "
          "-ffreestanding -fexceptions");
    keeps("--sysroot=/x --sysroot /x -isysroot /x -isysroot/x");
}

static void what_writes_files_is_dropped(void **state)
{
    (void)state;
    becomes("-MD -MMD -MP -MG -M -MM -MF -Ifile -MFfile -MT -It -MQ -Iq -Ix",
            "-Ix");
    becomes("-MJ -Iout -MJout -Ix", "-Ix");
    becomes("-Wp,-MMD,out -Wp,-DX -Ix", "-Ix");
    becomes("-Xclang -dependency-file -Xclang -Iout -Ix", "-Ix");
    becomes("-Xclang -header-include-file -Xclang out", "");
    becomes("-fmodules -fmodules-cache-path=dir -Ix", "-Ix");
    becomes("-o -Iout -oout -save-temps -save-temps=obj -Ix", "-Ix");
    becomes("-ftime-trace=x -fprofile-generate=x --coverage "
            "-fdiagnostics-format=sarif-file -dumpdir -Id -Ix",
            "-Ix");
    becomes("-serialize-diagnostics -Iout -index-store-path -Iout -Ix", "-Ix");
}

static void what_loads_or_reads_is_dropped(void **state)
{
    (void)state;
    becomes("-fplugin=x.so -fplugin -Ix.so -fpass-plugin=x.so -Iy", "-Iy");
    becomes("-mllvm -load=x.so -mllvm -Ix -Iy", "-Iy");
    becomes("-load -Ix -plugin -Ix -Iy", "-Iy");
    becomes("-ivfsoverlay /etc/passwd -ivfsoverlay/etc/passwd -Iy", "-Iy");
    becomes("--config=x --config -Ix -specs=x -B -Ix -Bx -Iy", "-Iy");
    becomes("-include-pch -Ix -include-pth -Ix -include-pchx -Iy", "-Iy");
    becomes("-imacros -Ix -imacrosx -Iy", "-Iy");
    becomes("@args @/dev/zero -Iy", "-Iy");
    becomes("-resource-dir -Ix -resource-dir=x -working-directory -Ix "
            "-working-directory=x -Iy",
            "-Iy");
    becomes("-wrapper -Ix -gcc-toolchain -Ix --gcc-toolchain=x -Iy", "-Iy");
    becomes("-Xpreprocessor -DX -Xanalyzer -DX -Iy", "-Iy");
}

static void what_says_nothing_about_c_is_dropped(void **state)
{
    (void)state;
    becomes("-c -S -E -g -O2 -Ofast -Wall -Werror -w -fPIC x.c -Iy",
            "-fPIC -Iy");
    becomes("-H -v -### -print-search-dirs -Xclang -fdump-record-layouts -Iy",
            "-Iy");
    becomes("-L -Ix -l -Ix -T -Ix -u -Ix -Wl,-Ix -framework -Ix -Iy", "-Iy");
    becomes("-x c++ -xc++ -x objective-c -Iy", "-Iy");
    becomes("-I- -Iy", "-Iy");
    becomes("-isystem-after -Ix -isystem-afterx -iwithsysroot -Ix -Iy", "-Iy");
    becomes("--target -std -march -Iy", "-Iy");
    becomes("-DX -- -Iy", "-DX");
    becomes("stray words -Iy", "-Iy");
}

static void a_flag_without_its_value_is_dropped(void **state)
{
    (void)state;
    becomes("-Iy -I", "-Iy");
    becomes("-Iy -D", "-Iy");
    becomes("-Iy -o", "-Iy");
    becomes("-Iy -x", "-Iy");
    becomes("-Iy -include", "-Iy");
    becomes("-Iy -Xclang", "-Iy");
    becomes("-Iy -std=", "-Iy");
    becomes("-Iy -march=", "-Iy");
    becomes("", "");
}

/* The value of a flag that passes may look like anything. */
static void values_are_taken_as_they_are(void **state)
{
    (void)state;
    keeps("-I -MF -D -o -include @x");
}

static void an_empty_argument_is_dropped(void **state)
{
    static const char *const words[] = {"", "-Ix", ""};
    struct arena arena = {0};
    struct flags flags = {0};

    (void)state;
    flags_allow(&flags, &arena, words, 3, false);
    assert_string_equal(joined(&arena, &flags), "-Ix");
    arena_finish(&arena);
}

static void the_compiler_is_dropped(void **state)
{
    (void)state;
    line_check("-I -Ix", "-Ix", true, 0); /* even if it has an odd name */
    line_check("/usr/bin/cc -Ix -c x.c -o x.o", "-Ix", true, 0);
    line_check("/usr/bin/ccache gcc -Ix -c x.c", "-Ix", true, 0);
    line_check("ccache -Ix", "-Ix", true, 0);
    line_check("cc", "", true, 0);
    line_check("", "", true, 0);
}

static void drops_are_counted(void **state)
{
    (void)state;
    line_check("cc -Wall -O2 -MF x -Ix -c -o x.o x.c", "-Ix", true, 3);
}

static void trusted_lines_lose_only_files(void **state)
{
    const char *words[WORDS_MAX];
    struct arena arena = {0};
    struct flags flags = {0};
    uint32_t count = words_split(
        &arena, "ccache cc -Wall -MF dep -o x.o -c src/x.c -DX", words);

    (void)state;
    flags_trust(&flags, &arena, words, count, true, "src/x.c");
    assert_string_equal(joined(&arena, &flags), "-Wall -MF dep -DX");
    arena_finish(&arena);
}

/* What the line of words becomes; `dropped` includes are counted. */
static void includes_check(struct arena *arena, const char *folder,
                           const char *line, const char *expected,
                           uint32_t dropped)
{
    const char *words[WORDS_MAX];
    struct path_list homes = {0};
    struct flags flags = {0};
    uint32_t count = words_split(arena, line, words);

    vec_add(arena, &homes.items, path_real(arena, folder));
    flags_allow(&flags, arena, words, count, false);
    flags_includes_check(&flags, arena, folder, &homes);
    assert_string_equal(joined(arena, &flags), expected);
    assert_int_equal(flags.dropped, dropped);
}

/* And of this tree, or the system's. */
static void includes_must_be_regular(void **state)
{
    char folder[] = "/tmp/asynclint-flags-XXXXXX";
    struct arena arena = {0};
    char *fifo;
    char *link;

    (void)state;
    assert_non_null(mkdtemp(folder));
    fifo = arena_printf(&arena, "%s/fifo", folder);
    link = arena_printf(&arena, "%s/link.h", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    includes_check(&arena, folder,
                   "-include fifo -includefifo -include /dev/zero -Iy "
                   "-include none.h -I -include -DX",
                   "-Iy -include none.h -I -include -DX", 3);
    includes_check(&arena, folder, "-include /etc/passwd -DX", "-DX", 1);
    includes_check(&arena, folder, "-include ../../etc/passwd", "", 1);
    includes_check(&arena, folder, "-include link.h -includelink.h", "", 2);
    includes_check(&arena, folder, "-I/etc -include passwd", "-I/etc", 1);
    includes_check(&arena, folder, "-include passwd -isystem /etc",
                   "-isystem /etc", 1);
    includes_check(&arena, folder, "-include /usr/include/stdio.h",
                   "-include /usr/include/stdio.h", 0);
    includes_check(&arena, folder, "-I/usr/include -include stdio.h",
                   "-I/usr/include -include stdio.h", 0);
    unlink(link);
    unlink(fifo);
    rmdir(folder);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_how_c_is_read_passes),
        cmocka_unit_test(what_writes_files_is_dropped),
        cmocka_unit_test(what_loads_or_reads_is_dropped),
        cmocka_unit_test(what_says_nothing_about_c_is_dropped),
        cmocka_unit_test(a_flag_without_its_value_is_dropped),
        cmocka_unit_test(values_are_taken_as_they_are),
        cmocka_unit_test(an_empty_argument_is_dropped),
        cmocka_unit_test(the_compiler_is_dropped),
        cmocka_unit_test(drops_are_counted),
        cmocka_unit_test(trusted_lines_lose_only_files),
        cmocka_unit_test(includes_must_be_regular),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
