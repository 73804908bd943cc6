/*
 * `--cache`: what is the same is not parsed again, what differs is, and no
 * state of the cache's directory changes what is printed. An entry that is
 * written anew has another inode and time: that is how a parse shows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/place.h"
#include "support/run.h"

#define LINT "\"$ASYNCLINT\" --color never . -- -Inone -Ifirst -Isecond"
#define CACHED                                                                 \
    "\"$ASYNCLINT\" --color never --cache . -- -Inone -Ifirst -Isecond"

static void tree_write(void)
{
    place_file_write("a.c", "#include \"h.h\"\n#include <k.h>\n"
                            "int a(void) { return h + k; }\n");
    place_file_write("b.c", "#include <k.h>\nint b(void) { return k; }\n");
    place_file_write("bad.c", "int c(void) { return nothing; }\n");
    place_file_write("h.h", "int h;\n");
    place_file_write("first/other.h", "");
    place_file_write("second/k.h", "int k;\n");
    /* Younger than the run that follows is too young to be trusted. */
    usleep(50000);
}

static void entries_list(struct place *place, const char *file)
{
    place_sh(place,
             arena_printf(&place->arena,
                          "stat -c '%%n %%i %%z' .asynclint_cache/*.facts | "
                          "sort > %s; sleep 0.05",
                          file));
}

/* Runs with the cache, expects what a run without printed, and tells how many
 * entries were written. Nothing is answered from memory, see cli_answer.c. */
static int parses_expected(struct place *place, const struct ran *plain)
{
    struct ran cached;

    place_sh(place, "rm -f .asynclint_cache/*.answer");
    entries_list(place, "before");
    cached = place_sh(place, CACHED);
    assert_string_equal(cached.out, plain->out);
    assert_string_equal(cached.err, plain->err);
    assert_int_equal(cached.status, plain->status);
    entries_list(place, "after");
    return place_sh(place, "comm -13 before after | wc -l").out[0] - '0';
}

static int parses_counted(struct place *place)
{
    struct ran plain = place_sh(place, LINT);

    return parses_expected(place, &plain);
}

/* Runs it until nothing is parsed: once. */
static void fill(struct place *place, int count)
{
    tree_write();
    assert_int_equal(parses_counted(place), count);
    assert_int_equal(parses_counted(place), 0);
}

static void only_what_changed(void **state)
{
    struct place *place = *state;

    fill(place, 3);
    place_sh(place, "touch *.c *.h second/*.h");
    assert_int_equal(parses_counted(place), 0);
    place_file_write("h.h", "int h; int g;\n");
    assert_int_equal(parses_counted(place), 1);
    place_file_write("second/k.h", "int k; int l;\n");
    assert_int_equal(parses_counted(place), 2);
    place_file_write("b.c", "int b;\n");
    assert_int_equal(parses_counted(place), 1);
    assert_int_equal(parses_counted(place), 0);
    place_sh(place, "rm h.h");
    assert_int_equal(parses_counted(place), 1); /* … and lacks a file now */
    assert_int_equal(parses_counted(place), 0);
    place_sh(place, "rm b.c");
    assert_int_equal(parses_counted(place), 0);
}

static void shadows_are_seen(void **state)
{
    struct place *place = *state;

    fill(place, 3);
    place_file_write("first/unrelated.h", "int z;\n");
    usleep(50000);
    assert_int_equal(parses_counted(place), 0);
    place_file_write("first/k.h", "int k;\n");
    usleep(50000);
    assert_int_equal(parses_counted(place), 2);
    place_file_write("none/k.h", "int k; int n;\n");
    usleep(50000);
    assert_int_equal(parses_counted(place), 2);
    place_sh(place, "rm -r none");
    assert_int_equal(parses_counted(place), 2);
    assert_int_equal(parses_counted(place), 0);
}

static void what_was_missing_comes(void **state)
{
    struct place *place = *state;

    place_file_write("c.c", "#include \"late.h\"\n#include <sub/late.h>\n");
    fill(place, 4);
    place_file_write("late.h", "int late;\n");
    usleep(50000);
    assert_int_equal(parses_counted(place), 1);
    assert_int_equal(parses_counted(place), 0);
    place_file_write("second/sub/late.h", "int later;\n");
    usleep(50000);
    assert_int_equal(parses_counted(place), 1);
    place_file_write("first/sub/late.h", "int later;\n");
    usleep(50000);
    assert_int_equal(parses_counted(place), 1);
    place_sh(place, "rm -r late.h first/sub second/sub");
    assert_int_equal(parses_counted(place), 1);
    assert_int_equal(parses_counted(place), 0);
}

/* Each is one way to spoil what is in $f; all are mended in silence. */
static void spoilt_entries_are_mended(void **state)
{
    static const char *const ways[] = {
        ": > $f",
        "head -c 900 $f > x; cat x > $f",
        "echo >> $f",
        "printf X | dd of=$f conv=notrunc status=none",
        "printf X | dd of=$f bs=1 seek=30 conv=notrunc status=none",
        "printf X | dd of=$f bs=1 seek=700 conv=notrunc status=none",
        "rm $f",
        "rm $f; mkfifo $f",
        "cp $f x; rm $f; ln -s ../x $f",
        "g=$(ls .asynclint_cache/*.facts | tail -n 1); cat $g > $f",
    };
    struct place *place = *state;
    struct ran plain;

    fill(place, 3);
    plain = place_sh(place, LINT);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        place_sh(place,
                 arena_printf(&place->arena,
                              "f=$(ls .asynclint_cache/*.facts | head -n 1);"
                              "%s",
                              ways[i]));
        if (parses_expected(place, &plain) != 1)
            fail_msg("'%s' is not mended", ways[i]);
    }
    assert_int_equal(parses_counted(place), 0);
}

static void goes_on_without(void **state)
{
    static const char *const ways[] = {
        "ln -s elsewhere .asynclint_cache",
        ": > .asynclint_cache",
        "mkdir -m 0777 .asynclint_cache",
    };
    struct place *place = *state;
    struct ran plain;

    tree_write();
    plain = place_sh(place, LINT);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        struct ran ran = place_sh(
            place, arena_printf(&place->arena,
                                "mkdir -p elsewhere; %s; " CACHED, ways[i]));
        const char *said = strstr(ran.err, "note: no cache: ");

        assert_string_equal(ran.out, plain.out);
        assert_int_equal(ran.status, plain.status);
        assert_non_null(said);
        assert_null(strstr(said + 1, "note: no cache"));
        place_sh(place, "rm -rf .asynclint_cache");
    }
    assert_string_equal(place_sh(place, "ls elsewhere").out, "");
}

/* A full disk, as far as a test can have one: no file may grow. */
static void full_disk_is_told_once(void **state)
{
    struct place *place = *state;
    struct ran plain;
    struct ran ran;

    tree_write();
    plain = place_sh(place, LINT);
    ran = place_sh(place, "mkdir -m 0700 .asynclint_cache;"
                          "touch .asynclint_cache/.gitignore "
                          ".asynclint_cache/CACHEDIR.TAG;"
                          "{ (trap '' XFSZ; ulimit -f 0; " CACHED
                          ") 2>&1 >&3 | cat >&2; } 3>&1 | cat");
    assert_string_equal(ran.out, plain.out);
    assert_non_null(strstr(ran.err, "nothing is added to the cache: can't "));
    assert_null(strstr(strstr(ran.err, "is added") + 1, "is added"));
    ran = place_sh(place, "ls -A .asynclint_cache");
    assert_string_equal(ran.out, ".gitignore\nCACHEDIR.TAG\n");
}

static void lies_in_the_root(void **state)
{
    struct place *place = *state;
    struct ran ran;

    tree_write();
    place_file_write("sub/c.c", "int c;\n");
    place_sh(place, "cd sub && \"$ASYNCLINT\" --cache .");
    ran = place_sh(
        place, "ls -A sub; ls -A .asynclint_cache | grep -Evc 'facts|answer';"
               "stat -c %a .asynclint_cache; cat .asynclint_cache/.gi*;"
               "head -c 20 .asynclint_cache/*TAG");
    assert_string_equal(ran.out, "c.c\n2\n700\n*\nSignature: 8a477f597");
    place_file_write("sub/.asynclint.yaml", "cache: true\n");
    place_sh(place, "\"$ASYNCLINT\" --no-cache sub");
    assert_int_equal(access("sub/.asynclint_cache", F_OK), -1);
    place_sh(place, "\"$ASYNCLINT\" sub");
    assert_int_equal(access("sub/.asynclint_cache", F_OK), 0);
}

static void runs_at_once(void **state)
{
    struct place *place = *state;
    struct ran ran;

    tree_write();
    ran = place_sh(place,
                   "for i in 1 2 3 4; do " CACHED " > out$i 2>&1 & done; wait;"
                   "for i in 2 3 4; do cmp out1 out$i; done; ls -A "
                   ".asynclint_cache | wc -l");
    assert_string_equal(ran.out, "7\n");
    assert_int_equal(parses_counted(place), 0);
}

static void moves_with_the_tree(void **state)
{
    struct place *place = *state;

    fill(place, 3);
    place_sh(place,
             "mkdir -p moved; mv *.c *.h first second .asynclint_cache moved;"
             "mkdir moved/.git; cd moved; ls -i .asynclint_cache > ../b; "
             "sleep 0.05;" CACHED "; ls -i .asynclint_cache > ../a");
    assert_string_equal(place_sh(place, "cmp a b && echo same").out, "same\n");
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(only_what_changed),      TEST(shadows_are_seen),
        TEST(what_was_missing_comes), TEST(spoilt_entries_are_mended),
        TEST(goes_on_without),        TEST(full_disk_is_told_once),
        TEST(lies_in_the_root),       TEST(runs_at_once),
        TEST(moves_with_the_tree),
    };
#undef TEST

    return cmocka_run_group_tests_name("cli_cache", tests, NULL, NULL);
}
