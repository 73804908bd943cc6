/*
 * Input that is wrong, broken or hostile: it gets a sentence, it costs at most
 * its own unit, and never brings the program down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/place.h"
#include "support/run.h"

#define INCLUDE " -- -I" SOURCE_ROOT "/runtime-sample/include"

static const char good[] = "int good(void)\n{\n    return 0;\n}\n";

/* One finding of blocking-lock-across-await, on line 6. Static, as there may
 * be several. */
#define FROZEN                                                                 \
    "#include <rt.h>\n"                                                        \
    "struct room { struct blocking_mutex lock; };\n"                           \
    "ASYNC static void room_nap(struct room *room)\n"                          \
    "{\n"                                                                      \
    "    blocking_mutex_lock(&room->lock);\n"                                  \
    "    await rt_yield();\n"                                                  \
    "    blocking_mutex_unlock(&room->lock);\n"                                \
    "}\n"

/* It ends with that status, and says that on stderr. */
static void says(struct place *place, const char *arguments, int status,
                 const char *sentence)
{
    struct ran ran = place_lint(place, arguments);

    if (ran.status != status || !strstr(ran.err, sentence))
        fail_msg("asynclint %s: status %d, expected %d and '%s'; it says\n%s%s",
                 arguments, ran.status, status, sentence, ran.out, ran.err);
}

/* It finds the frozen room, and prints that, too. */
static void finds(struct place *place, const char *arguments, const char *text)
{
    struct ran ran = place_lint(place, arguments);

    if (ran.status != 1 || !strstr(ran.out, "[blocking-lock-across-await]") ||
        !strstr(ran.out, text))
        fail_msg("asynclint %s: status %d, expected 1 and '%s'; it says\n%s%s",
                 arguments, ran.status, text, ran.out, ran.err);
}

static void nothing_there(void **state)
{
    struct place *place = *state;

    place_file_write("empty/README", "");
    place_file_write("db/a.c", good);
    says(place, "nothere.c", 2,
         "asynclint: no such file or directory: 'nothere.c'\n");
    says(place, "empty", 2, "asynclint: no C files in 'empty'\n");
    says(place, "-p empty db", 2, "no compile_commands.json in 'empty'");
}

static void broken_databases(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", good);
    place_file_write("compile_commands.json", "[{\n");
    says(place, ".", 2, "compile_commands.json:2:1: not JSON");
    place_file_write("compile_commands.json", "");
    says(place, ".", 2, "compile_commands.json:1:1: not JSON");
    place_file_write("compile_commands.json", "[]");
    says(place, ".", 2, "'compile_commands.json' is empty");
    place_file_write("compile_commands.json", "{}");
    says(place, ".", 2, "is no compilation database");
    place_file_write("compile_commands.json", "[{\"file\": \"a.c\"}]");
    says(place, ".", 2, "compile_commands.json");
}

static void syntax_errors(void **state)
{
    struct place *place = *state;
    struct ran ran;

    place_file_write("broken.c", "int half(;\n" FROZEN);
    ran = place_lint(place, "broken.c" INCLUDE);
    assert_int_equal(ran.status, 1);
    assert_non_null(strstr(ran.out, "[blocking-lock-across-await]"));
    assert_non_null(strstr(ran.err, "'broken.c' does not compile here "
                                    "(broken.c:"));
    assert_non_null(strstr(ran.err, "what parsed is analysed"));
}

/* Nothing says where the function was to end, so what follows is lost. */
static void a_brace_too_few(void **state)
{
    struct place *place = *state;

    place_file_write("open.c", "int open_up(int a)\n{\n    if (a) {\n"
                               "    return a;\n}\n");
    says(place, "open.c" INCLUDE, 0,
         "'open.c', line 1: not analysed: a brace in it is never closed, and "
         "what stands behind it is not read\n");
}

static void wrong_packs(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", good);
    place_file_write("p.yaml", "pack: p\nfunctionz:\n  f: {}\n");
    says(place, "--pack p.yaml a.c", 2,
         "p.yaml:2:1: 'functionz' is not a key of a pack, did you mean "
         "'functions'?\n");
    place_file_write("p.yaml", "pack: p\nfunctions:\n  f: {aquire: arg0}\n");
    says(place, "--pack p.yaml a.c", 2,
         "p.yaml:3:7: 'aquire' is not a key of a function, did you mean "
         "'acquire'?\n");
    place_file_write("p.yaml", "pack: [\n");
    says(place, "--pack p.yaml a.c", 2, "p.yaml:");
    place_file_write(".asynclint.yaml", "rulez: {}\n");
    says(place, "a.c", 2, ".asynclint.yaml:1:1: unknown key 'rulez'");
}

/* Each of these costs its own unit only: the frozen room is found. */
static void units_that_die(void **state)
{
    struct place *place = *state;

    place_file_write("room.c", FROZEN);
    assert_int_equal(mkfifo("never.h", 0600), 0);
    place_file_write("hangs.c", "#include \"never.h\"\n");
    place_file_write("crashes.c", "#pragma clang __debug crash\n");
    place_file_write("eats.c", "#include \"/dev/zero\"\n");
    finds(place, "--timeout 2 hangs.c room.c" INCLUDE, "room.c:6:");
    says(place, "--timeout 2 hangs.c room.c" INCLUDE, 1,
         "'hangs.c' is not analysed: timed out\n");
    finds(place, "crashes.c room.c" INCLUDE, "room.c:6:");
    says(place, "crashes.c room.c" INCLUDE, 1, "'crashes.c' is not analysed");
#ifndef __SANITIZE_ADDRESS__ /* which needs terabytes of addresses */
    finds(place, "--memory 512 --timeout 20 eats.c room.c" INCLUDE,
          "room.c:6:");
    says(place, "--memory 512 --timeout 20 eats.c room.c" INCLUDE, 1,
         "'eats.c' is not analysed: ran out of memory\n");
#endif
    says(place, "crashes.c", 2, "asynclint: nothing could be analysed\n");
    place_file_write("good.c", good);
    says(place, "--strict crashes.c good.c", 3, "not analysed");
}

/* Deeper than anybody writes by hand: what is too deep is said. */
static void bottomless(void **state)
{
    struct place *place = *state;
    struct ran ran = place_sh(
        place, "deep() { head -c 5000 /dev/zero | tr '\\0' \"$1\"; }; "
               "{ echo 'int f(void) { return '; deep '('; echo 1; deep ')'; "
               "echo '; }'; } >parens.c; "
               "{ echo 'void f(void)'; deep '{'; deep '}'; } >braces.c; "
               "{ echo 'int f(int a) { return a'; deep + | sed 's/+/ + a/g'; "
               "echo '; }'; } >sum.c; "
               "echo '#include \"cycle.c\"' >cycle.c");

    assert_string_equal(ran.err, "");
    says(place, "--strict parens.c", 3, "'parens.c' does not compile here");
    says(place, "--strict braces.c", 3, "'braces.c' does not compile here");
    says(place, "--strict sum.c", 3, "expressions nested too deeply");
    says(place, "--strict cycle.c", 3, "#include nested too deeply");
}

/* What is no file of C. */
static void no_files(void **state)
{
    struct place *place = *state;

    place_file_write("dir.c/README", "");
    assert_int_equal(mkfifo("pipe.c", 0600), 0);
    assert_int_equal(symlink("loop.c", "loop.c"), 0);
    says(place, "dir.c", 2, "no C files in 'dir.c'\n");
    place_file_write("pipes/README", "");
    assert_int_equal(mkfifo("pipes/one.c", 0600), 0);
    says(place, "pipes", 2,
         "no C files in 'pipes' to check: skipped 'pipes/one.c': it is a "
         "FIFO\n");
    assert_int_equal(mkfifo("pipes/two.c", 0600), 0);
    says(place, "pipes", 2, "it is a FIFO, and 1 more\n");
    says(place, "pipe.c", 2, "cannot check 'pipe.c': it is a FIFO");
    says(place, "loop.c", 2, "cannot look at 'loop.c'");
    says(place, "/dev/zero", 2, "cannot check '/dev/zero'");
    place_file_write("a.c", good);
    says(place, ".", 0, "");
}

static void bytes_write(const char *path, const char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static void strange_bytes(void **state)
{
    static const char nuls[] = "int f(void)\n{\n\0 return 0;\n}\n\0";
    static const char latin[] = "/* \xe9\xff */ int f(void);\n";
    static const char wide[] = "\xff\xfei\0n\0t\0 \0x\0;\0";
    struct place *place = *state;

    bytes_write("empty.c", "", 0);
    bytes_write("one.c", "x", 1);
    bytes_write("nuls.c", nuls, sizeof(nuls) - 1);
    bytes_write("latin.c", latin, sizeof(latin) - 1);
    bytes_write("wide.c", wide, sizeof(wide) - 1);
    says(place, "empty.c", 0, "");
    says(place, "one.c", 0, "'one.c' does not compile here (one.c:1:");
    says(place, "nuls.c", 0, "");
    says(place, "latin.c", 0, "");
    says(place, "--strict empty.c wide.c", 3,
         "'wide.c' does not compile here (UTF-16 (LE) byte order mark");
}

/* The finding is on its line, however lines end. */
static void strange_lines(void **state)
{
    struct place *place = *state;

    place_file_write("bom.c", "\xef\xbb\xbf" FROZEN);
    finds(place, "--format gcc bom.c" INCLUDE, "bom.c:6:11: error: ");
    place_file_write("unix.c", FROZEN);
    assert_int_equal(place_sh(place, "sed 's/$/\\r/' unix.c >dos.c; "
                                     "printf %s \"$(cat unix.c)\" >cut.c")
                         .status,
                     0);
    finds(place, "--format gcc dos.c" INCLUDE, "dos.c:6:11: error: ");
    finds(place, "dos.c" INCLUDE, "await rt_yield();");
    finds(place, "--format gcc cut.c" INCLUDE, "cut.c:6:11: error: ");
}

/* Names are shown so that no terminal and no runner obeys them. */
static void strange_names(void **state)
{
    struct place *place = *state;

    place_file_write("a b.c", FROZEN);
    finds(place, "--format gcc 'a b.c'" INCLUDE, "a b.c:6:11: error: ");
    place_file_write("-dash.c", FROZEN);
    finds(place, "--format gcc ./-dash.c" INCLUDE, "-dash.c:6:11: error: ");
    says(place, "-dash.c", 2,
         "a path that begins with '-' is written './-dash.c'");
    place_file_write("line\nfeed.c", FROZEN);
    place_file_write("red\033[31m.c", FROZEN);
    place_file_write("::error::x.c", FROZEN);
    finds(place, "--format gcc ." INCLUDE, "line<U+000A>feed.c:6:11: error: ");
    finds(place, "--format gcc ." INCLUDE, "red<U+001B>[31m.c:6:11: error: ");
    finds(place, "--format gcc ." INCLUDE, "./::error::x.c:6:11: error: ");
    finds(place, "--color never ." INCLUDE, " 'room->lock' is taken here");
    assert_null(
        strchr(place_lint(place, "--color never ." INCLUDE).out, '\033'));
}

#define test(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(nothing_there), test(broken_databases), test(syntax_errors),
        test(wrong_packs),   test(a_brace_too_few),  test(units_that_die),
        test(strange_bytes), test(strange_lines),    test(strange_names),
        test(bottomless),    test(no_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
