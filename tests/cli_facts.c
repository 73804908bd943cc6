/*
 * `index`, `merge` and `link` as a build system uses them: together they
 * print what `check` prints, whatever the order, the number of processes and
 * the place where the tree stands.
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

#define INCLUDE " -- -I" SOURCE_ROOT "/runtime-sample/include"

static void ends_with(struct place *place, const char *script, int status)
{
    struct ran ran = place_sh(place, script);

    if (ran.status != status)
        fail_msg("%s: status %d, expected %d\n%s%s", script, ran.status, status,
                 ran.out, ran.err);
}

static void says(struct place *place, const char *script, const char *words)
{
    struct ran ran = place_sh(place, script);

    if (ran.status != 2 || !strstr(ran.err, words))
        fail_msg("%s: status %d, expected 2 and '%s'\n%s%s", script, ran.status,
                 words, ran.out, ran.err);
}

/* Files that know of each other, with a finding and a note. */
static void tree_write(void)
{
    place_file_write("tree/h/own.h",
                     "#include <rt.h>\n"
                     "struct room { struct blocking_mutex lock; int n; };\n"
                     "ASYNC void slow(struct room *room);\n");
    place_file_write("tree/slow.c", "#include \"h/own.h\"\n"
                                    "ASYNC void slow(struct room *room)\n"
                                    "{\n"
                                    "    await rt_sleep_ms(room->n);\n"
                                    "}\n");
    place_file_write("tree/user.c", "#include <assert.h>\n"
                                    "#include \"h/own.h\"\n"
                                    "enum { FEW = 2 };\n"
                                    "ASYNC void user(struct room *room)\n"
                                    "{\n"
                                    "    guard(blocking_mutex)(&room->lock);\n"
                                    "    assert(room->n > FEW);\n"
                                    "    await slow(room);\n"
                                    "}\n");
    place_file_write("tree/bad.c", "int f(void)\n{\n    return none;\n}\n"
                                   "const char *when = __DATE__ __TIME__;\n");
    place_file_write("tree/.git/HEAD", "");
}

static const char index_all[] =
    "cd tree && for f in *.c; do \"$ASYNCLINT\" index -q $f" INCLUDE
    " || exit; done";

static void link_prints_what_check_prints(void **state)
{
    static const char *const options[] = {
        "", "--format gcc", "-q", "--rule blocking-lock-across-await=off",
        "--dump ir --dump cfg --dump state"};
    struct place *place = *state;

    tree_write();
    ends_with(place, index_all, 0);
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        struct ran check =
            place_sh(place, arena_printf(&place->arena,
                                         "cd tree; \"$ASYNCLINT\" %s ." INCLUDE,
                                         options[i]));
        struct ran linked = place_sh(
            place, arena_printf(&place->arena,
                                "cd tree; \"$ASYNCLINT\" link %s user.facts "
                                "bad.facts slow.facts bad.facts",
                                options[i]));

        assert_int_equal(check.status, linked.status);
        assert_string_equal(check.out, linked.out);
        assert_string_equal(check.err, linked.err);
        if (!i)
            assert_non_null(strstr(check.out, "blocking-lock-across-await"));
    }
    ends_with(place, "cd tree; \"$ASYNCLINT\" link -q --strict bad.facts", 3);
}

static void facts_are_the_same_anywhere(void **state)
{
    struct place *place = *state;

    tree_write();
    ends_with(place, index_all, 0);
    ends_with(place, "cp -r tree deep_and_elsewhere && rm deep*/*.facts", 0);
    ends_with(place,
              "cd deep_and_elsewhere && touch -d 2001-01-01 *.c && "
              "for f in *.c; do \"$ASYNCLINT\" index -q -j8 $f" INCLUDE
              " || exit; done",
              0);
    ends_with(place,
              "for f in user slow bad; do cmp tree/$f.facts "
              "deep_and_elsewhere/$f.facts || exit; done",
              0);
    ends_with(place, "grep -c \"$PWD\" tree/*.facts", 1);
}

static void merging_is_in_any_order(void **state)
{
    struct place *place = *state;

    tree_write();
    ends_with(place, index_all, 0);
    ends_with(place,
              "cd tree && m='\"$ASYNCLINT\" merge -o' &&"
              "eval $m all1 user.facts bad.facts slow.facts &&"
              "eval $m all2 slow.facts user.facts bad.facts bad.facts &&"
              "eval $m part user.facts bad.facts &&"
              "eval $m all3 slow.facts part &&"
              "eval $m all4 part slow.facts part user.facts &&"
              "eval $m part part && eval $m all5 part all1 &&"
              "for i in 2 3 4 5; do cmp all1 all$i || exit; done",
              0);
    ends_with(place,
              "cd tree && \"$ASYNCLINT\" link all1 > 1 2>&1; "
              "\"$ASYNCLINT\" link *.facts > 2 2>&1; cmp 1 2 && test -s 1",
              0);
}

static void depfile_names_what_was_read(void **state)
{
    struct place *place = *state;
    const char *rule;

    place_file_write("a b.c", "#include \"$x#1.h\"\nint f(void);\n");
    place_file_write("$x#1.h", "#include \"sub/y.h\"\n");
    place_file_write("sub/y.h", "#ifndef Y\n#define Y\n#endif\n");
    place_file_write("forced.h", "int forced;\n");
    ends_with(place,
              "\"$ASYNCLINT\" index 'a b.c' -o 'o 1' --depfile d -- "
              "-include forced.h",
              0);
    rule = run_file_text(&place->arena, "d");
    assert_string_equal(rule, "o\\ 1: \\\n  a\\ b.c \\\n  forced.h \\\n"
                              "  $$x\\#1.h \\\n  sub/y.h\n");
}

static void outputs_are_guarded(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "#include \"a.h\"\nint f(void);\n");
    place_file_write("a.h", "");
    says(place, "\"$ASYNCLINT\" index a.c -o a.c", "'a.c' is read as a source");
    says(place, "\"$ASYNCLINT\" index a.c --depfile ./a.h",
         "'./a.h' is read as a source");
    says(place, "\"$ASYNCLINT\" index a.c -o none/a.facts",
         "can't write 'none/a.facts': No such file or directory");
    says(place, "\"$ASYNCLINT\" index a.c -o /dev/null",
         "can't write '/dev/null': it is no regular file");
    says(place, "\"$ASYNCLINT\" index .", "is a directory");
    says(place, "\"$ASYNCLINT\" index", "'index' needs one C file");
    says(place, "\"$ASYNCLINT\" index a.c b.c", "'index' needs one C file");
    says(place, "\"$ASYNCLINT\" merge a.facts", "'merge' needs '-o FILE'");
    says(place, "\"$ASYNCLINT\" link", "'link' needs files with facts");
    says(place, "\"$ASYNCLINT\" a.c -o x", "option '-o' is for");
    says(place, "\"$ASYNCLINT\" link a.facts --depfile x",
         "option '--depfile' is for");
    ends_with(place, "test -c /dev/null && ! ls -a | grep asynclint-", 0);
}

static void bad_facts_are_named(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "int f(void) { return 1; }\n");
    ends_with(place,
              "\"$ASYNCLINT\" index a.c && head -c 700 a.facts > short &&"
              "(cat a.facts; echo) > long && : > empty && mkfifo fifo &&"
              "(printf aslunitsX; tail -c +10 a.facts) > old",
              0);
    says(place, "\"$ASYNCLINT\" link a.facts short",
         "can't use 'short': it ends too early");
    says(place, "\"$ASYNCLINT\" link long", "can't use 'long': something");
    says(place, "\"$ASYNCLINT\" merge -o x empty", "can't use 'empty': it");
    says(place, "\"$ASYNCLINT\" link old",
         "can't use 'old': it was written by");
    says(place, "\"$ASYNCLINT\" link a.c", "can't use 'a.c': it holds no");
    says(place, "\"$ASYNCLINT\" link none", "can't read 'none': No such file");
    says(place, "\"$ASYNCLINT\" link fifo", "can't read 'fifo'");
    says(place, "\"$ASYNCLINT\" link .", "can't read '.'");
    says(place,
         "cp a.facts b.facts && echo 'int g;' >> a.c &&"
         "\"$ASYNCLINT\" index a.c && \"$ASYNCLINT\" link a.facts b.facts",
         "two different facts of 'a.c'");
    ends_with(place, "test ! -e x", 0);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(link_prints_what_check_prints), TEST(facts_are_the_same_anywhere),
        TEST(merging_is_in_any_order),       TEST(depfile_names_what_was_read),
        TEST(outputs_are_guarded),           TEST(bad_facts_are_named),
    };
#undef TEST

    return cmocka_run_group_tests_name("cli_facts", tests, NULL, NULL);
}
