/*
 * `--cache` keeps what solving found out of each function (engine/kept.h): a
 * run with one changed file adds to it what has changed, and whatever is wrong
 * with it, no run prints anything else for that. That the answer is the same
 * after any edits is cli_changes.c's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/place.h"
#include "support/run.h"

#define KEPT ".asynclint_cache/*.solved"
#define FLAGS " -- -std=gnu11 -I" SOURCE_ROOT "/runtime-sample/include"

/* Many functions in one file, and one that calls the last of them. */
static void tree_write(struct place *place)
{
    place_file_write("lock.h", "#include <pthread.h>\n"
                               "struct room { pthread_mutex_t lock; };\n"
                               "void step0(struct room *room);\n"
                               "void step60(struct room *room);\n");
    place_file_write("base.c", "#include \"lock.h\"\n"
                               "void step0(struct room *room)\n"
                               "{ pthread_mutex_lock(&room->lock);\n"
                               "  pthread_mutex_unlock(&room->lock); }\n");
    place_sh(place,
             "{ echo '#include \"lock.h\"'; for i in $(seq 60); do echo"
             " \"void step$i(struct room *room) { step$((i - 1))(room); }\";"
             "done; } >steps.c");
    place_file_write("top.c", "#include \"lock.h\"\n"
                              "void top(struct room *room)\n"
                              "{ pthread_mutex_lock(&room->lock);\n"
                              "  step60(room);\n"
                              "  pthread_mutex_unlock(&room->lock); }\n");
    usleep(50000);
}

static long kept_size(struct place *place)
{
    return strtol(place_sh(place, "cat " KEPT " | wc -c").out, NULL, 10);
}

static void same_expected(struct place *place, const char *what)
{
    struct ran plain = place_lint(place, "--color never ." FLAGS);
    struct ran cached = place_lint(place, "--color never --cache ." FLAGS);

    if (strcmp(plain.out, cached.out) || strcmp(plain.err, cached.err) ||
        plain.status != cached.status)
        fail_msg("%s: with the cache:\n%s%s", what, cached.out, cached.err);
}

/* A place moves, and nobody calls anything else than before. */
static void only_what_changed_is_solved(void **state)
{
    struct place *place = *state;
    long whole;

    tree_write(place);
    same_expected(place, "first");
    whole = kept_size(place);
    assert_true(whole > 4000);
    place_sh(place, "sed -i '1i int moved;' base.c; sleep 0.05");
    same_expected(place, "moved");
    assert_true(kept_size(place) > whole);
    assert_true(kept_size(place) < whole + whole / 4);
}

static void what_callers_see_goes_up(void **state)
{
    struct place *place = *state;
    struct ran told;

    tree_write(place);
    same_expected(place, "first");
    told = place_lint(place, "--color never --cache ." FLAGS);
    if (!strstr(told.out, "self-deadlock"))
        fail_msg("step60 takes it again, and this is told:\n%s%s", told.out,
                 told.err);
    place_sh(place, "sed -i 's/pthread_mutex_.*room->lock.//' base.c;"
                    "sleep 0.05");
    same_expected(place, "nothing is taken");
    told = place_lint(place, "--color never --cache ." FLAGS);
    assert_null(strstr(told.out, "self-deadlock"));
}

static bool tells(struct place *place, const char *words)
{
    return strstr(place_lint(place, "--color never --cache ." FLAGS).out,
                  words);
}

/* The same with the cache as without, and words are told or not. */
static void told_expected(struct place *place, const char *what,
                          const char *words, bool is_told)
{
    same_expected(place, what);
    if (tells(place, words) != is_told)
        fail_msg("%s: '%s' is %s", what, words, is_told ? "missing" : "told");
}

/* Whether a flag may change meanwhile is in what others do, and they may be
 * the same to all callers otherwise. */
static void who_writes_a_flag_is_asked_again(void **state)
{
    struct place *place = *state;

    place_file_write("flag.h", "#include <pthread.h>\n"
                               "struct room { pthread_mutex_t lock; };\n"
                               "extern int threaded;\n"
                               "void enter(struct room *room);\n"
                               "void leave(struct room *room);\n"
                               "void step(void);\n");
    place_file_write("flag.c", "#include \"flag.h\"\n"
                               "int threaded;\n"
                               "void enter(struct room *room)\n"
                               "{ if (threaded)\n"
                               "    pthread_mutex_lock(&room->lock); }\n"
                               "void leave(struct room *room)\n"
                               "{ if (threaded)\n"
                               "    pthread_mutex_unlock(&room->lock); }\n");
    place_file_write("step.c", "#include \"flag.h\"\n"
                               "void step(void) { }\n");
    place_file_write("twice.c", "#include \"flag.h\"\n"
                                "void twice(struct room *room)\n"
                                "{ enter(room); step(); enter(room);\n"
                                "  leave(room); leave(room); }\n");
    usleep(50000);
    told_expected(place, "first", "self-deadlock", true);
    place_sh(place, "sed -i 's/{ }/{ threaded = 0; }/' step.c; sleep 0.05");
    told_expected(place, "written", "self-deadlock", false);
    place_sh(place, "sed -i 's/{.*/{ }/' step.c; sleep 0.05");
    told_expected(place, "not written", "self-deadlock", true);
}

/* Some of what callers look for is in a body only: that the loop of a callee's
 * caller may go on for ever, since it only reads, … */
static void bodies_that_only_read_are_known(void **state)
{
    struct place *place = *state;

    place_file_write("gate.h", "#include <pthread.h>\n"
                               "#include <rt.h>\n"
                               "struct gate { pthread_mutex_t lock; int open;"
                               " };\n"
                               "int ready(struct gate *gate, int open);\n");
    place_file_write("wait.c", "#include \"gate.h\"\n"
                               "ASYNC void wait_open(struct gate *gate)\n"
                               "{ pthread_mutex_lock(&gate->lock);\n"
                               "  while (!ready(gate, 0))\n"
                               "    ;\n"
                               "  pthread_mutex_unlock(&gate->lock); }\n");
    place_file_write("ready.c", "#include \"gate.h\"\n"
                                "int ready(struct gate *gate, int open)\n"
                                "{ open = gate->open; return open; }\n");
    usleep(50000);
    told_expected(place, "it reads", "may loop for ever", true);
    place_sh(place, "sed -i 's/open = gate->open;/gate->open = 1;/' ready.c;"
                    "sleep 0.05");
    told_expected(place, "it writes", "may loop for ever", false);
}

/* … or that a parameter is used behind an await. */
static void late_uses_are_known(void **state)
{
    struct place *place = *state;

    place_file_write("desk.h", "#include <rt.h>\n"
                               "struct desk { int papers; };\n"
                               "ASYNC void use(struct desk *at);\n");
    place_file_write("hand.c", "#include \"desk.h\"\n"
                               "static _Thread_local struct desk desk;\n"
                               "ASYNC void hand(void) { await use(&desk); }\n");
    place_file_write("use.c", "#include \"desk.h\"\n"
                              "int papers;\n"
                              "ASYNC void use(struct desk *at)\n"
                              "{ await rt_yield(); papers++; }\n");
    usleep(50000);
    told_expected(place, "not used", "thread-affine-across-await", false);
    place_sh(place, "sed -i 's/ papers++/ at->papers++/' use.c; sleep 0.05");
    told_expected(place, "used late", "thread-affine-across-await", true);
}

/* Pieces are added, and put together before they are too many. */
static void pieces_are_bounded(void **state)
{
    struct place *place = *state;
    long whole;

    tree_write(place);
    same_expected(place, "first");
    whole = kept_size(place);
    for (int i = 0; i < 30; i++) {
        place_sh(place, "sed -i '1i int moved;' steps.c; sleep 0.02");
        place_lint(place, "-q --cache ." FLAGS);
        assert_true(kept_size(place) < 16 * whole);
    }
    same_expected(place, "moved often");
    place_sh(place, "sed -i '1i int moved;' top.c; sleep 0.05");
    same_expected(place, "moved above");
}

/* Each is one way to spoil it, in $f. */
static void spoilt_ones_are_mended(void **state)
{
    static const char *const ways[] = {
        ": > $f",
        "head -c 200 $f > x; cat x > $f",
        "echo >> $f",
        "printf X | dd of=$f bs=1 seek=30 conv=notrunc status=none",
        "printf X | dd of=$f bs=1 seek=300 conv=notrunc status=none",
        "rm $f",
        "rm $f; mkfifo $f",
        "cp $f x; rm $f; ln -s ../x $f",
    };
    struct place *place = *state;

    tree_write(place);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        same_expected(place, "whole");
        place_sh(place, arena_printf(&place->arena,
                                     "f=$(echo " KEPT "); %s;"
                                     "sed -i '1i int moved;' base.c;"
                                     "sleep 0.05",
                                     ways[i]));
        same_expected(place, ways[i]);
    }
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(only_what_changed_is_solved),
        TEST(what_callers_see_goes_up),
        TEST(who_writes_a_flag_is_asked_again),
        TEST(bodies_that_only_read_are_known),
        TEST(late_uses_are_known),
        TEST(pieces_are_bounded),
        TEST(spoilt_ones_are_mended),
    };

    return cmocka_run_group_tests_name("cli_kept", tests, NULL, NULL);
}
