/*
 * `--cache` keeps the answer, too: a run that is asked the same about the same
 * files parses and solves nothing, and one that is not, isn't answered from
 * memory. How it shows: units' entries that were spoilt are mended by whoever
 * reads them, so what stays spoilt was not read.
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

#define CACHE ".asynclint_cache/"

static const char leaks[] = "#include <pthread.h>\n"
                            "#include \"h.h\"\n"
                            "static pthread_mutex_t lock;\n"
                            "int leak(int early)\n"
                            "{\n"
                            "    pthread_mutex_lock(&lock);\n"
                            "    if (early + FIRST)\n"
                            "        return 1;\n"
                            "    other_wait();\n"
                            "    pthread_mutex_unlock(&lock);\n"
                            "    return 0;\n"
                            "}\n";
static const char pack[] = "pack: other\n"
                           "functions:\n"
                           "  other_wait: {blocks: waits for the other}\n";

static void tree_write(void)
{
    place_file_write("a.c", leaks);
    place_file_write("b.c", "#include \"late.h\"\nint b(void) { return x; }\n");
    place_file_write("h.h", "void other_wait(void);\n#define FIRST 0\n");
    place_file_write("p.yaml", pack);
    place_file_write(".asynclint.yaml", "packs: [p.yaml]\n");
    /* Younger than the run that follows is too young to be trusted. */
    usleep(50000);
}

static struct ran plain_run(struct place *place, const char *arguments)
{
    return place_lint(
        place, arena_printf(&place->arena, "--color never %s", arguments));
}

/* Whether a run with the cache was answered from it; it must print what one
 * without has printed. */
static bool answers_as(struct place *place, const char *arguments,
                       const struct ran *plain)
{
    const char *script =
        arena_printf(&place->arena,
                     "for f in " CACHE "*.facts; do : > $f; done;"
                     "\"$ASYNCLINT\" --color never --cache %s",
                     arguments);
    struct ran cached = place_sh(place, script);

    assert_string_equal(cached.out, plain->out);
    assert_string_equal(cached.err, plain->err);
    assert_int_equal(cached.status, plain->status);
    return !place_sh(place, "find " CACHE " -name '*.facts' -size +0").out[0];
}

static bool is_answered(struct place *place, const char *arguments)
{
    struct ran plain = plain_run(place, arguments);

    return answers_as(place, arguments, &plain);
}

/* The first run can't be, the second is. */
static void fill(struct place *place)
{
    struct ran plain;

    tree_write();
    plain = plain_run(place, ".");
    place_sh(place, "mkdir -m 0700 .asynclint_cache");
    assert_false(answers_as(place, ".", &plain));
    assert_true(answers_as(place, ".", &plain));
}

static void is_no_part_of_the_question(void **state)
{
    static const char *const arguments[] = {
        ".",
        ". a.c",
        "--format gcc .",
        "-q .",
        "-j 8 .",
        "--fail-level never .",
        "--strict .",
        "--color always .",
    };
    struct place *place = *state;

    fill(place);
    place_sh(place, "touch *.c *.h *.yaml");
    for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++)
        if (!is_answered(place, arguments[i]))
            fail_msg("'%s' is not answered", arguments[i]);
}

/* Each makes another question of it, or may have another answer. */
static void what_changes_is_seen(void **state)
{
    static const char *const changes[] = {
        "sed -i 's/FIRST 0/FIRST 1/' h.h",
        /* … of the same size, at the same time */
        "cp -p h.h x; sed -i 's/FIRST 1/FIRST 2/' h.h; touch -r x h.h",
        "sed -i 's/early +/early -/' a.c",
        "echo 'int c;' > c.c",
        "rm c.c h.h",
        "echo 'void other_wait(void);' > h.h; echo '#define FIRST 0' >> h.h",
        "echo 'int x;' > late.h",
        "rm late.h",
        "sed -i 's/for the other/for others/' p.yaml",
        "echo 'packs: []' > .asynclint.yaml",
        "echo 'rules: {lock-leak: note}' > .asynclint.yaml",
        "echo 'profile: strict' > .asynclint.yaml",
        "echo 'short-sections: allow' > .asynclint.yaml",
        "mv a.c d.c",
    };
    struct place *place = *state;

    fill(place);
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        place_sh(place, changes[i]);
        usleep(50000);
        if (is_answered(place, "."))
            fail_msg("'%s' is not seen", changes[i]);
    }
    assert_true(is_answered(place, "."));
}

static void other_questions_have_other_answers(void **state)
{
    static const char *const arguments[] = {
        "a.c",
        ". -- -DX",
        ". -- -I.",
        "--rule lock-leak=off .",
        "--rule lock-leak=warning .",
        "--profile migration .",
        "--pack q.yaml .",
    };
    struct place *place = *state;

    fill(place);
    place_file_write("q.yaml", "pack: q\nharmless: [other_wait]\n");
    for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
        if (is_answered(place, arguments[i]))
            fail_msg("'%s' is answered", arguments[i]);
    }
    /* What can't be used is told, and nothing is looked at. */
    place_file_write("q.yaml", "pack: q\nharmles: [other_wait]\n");
    assert_true(is_answered(place, "--pack q.yaml ."));
    place_sh(place, "rm q.yaml");
    assert_true(is_answered(place, "--pack q.yaml ."));
}

/* Another asynclint may think otherwise. */
static void other_programs_ask_again(void **state)
{
    struct place *place = *state;

    fill(place);
    place_sh(place,
             "id=.note.gnu.build-id;"
             "objcopy --dump-section $id=id \"$ASYNCLINT\" /dev/null;"
             "printf another. | dd of=id bs=1 seek=20 conv=notrunc status=none;"
             "objcopy --update-section $id=id \"$ASYNCLINT\" other;"
             "for f in " CACHE "*.facts; do : > $f; done;"
             "./other --cache .");
    assert_string_equal(
        place_sh(place, "find " CACHE " -name '*.facts' -size +0 | wc -l").out,
        "2\n");
}

/* Each is one way to spoil the answer in $f. */
static void spoilt_answers_are_mended(void **state)
{
    static const char *const ways[] = {
        ": > $f",
        "head -c 200 $f > x; cat x > $f",
        "echo >> $f",
        "printf X | dd of=$f conv=notrunc status=none",
        "printf X | dd of=$f bs=1 seek=30 conv=notrunc status=none",
        "printf X | dd of=$f bs=1 seek=300 conv=notrunc status=none",
        "rm $f",
        "rm $f; mkfifo $f",
        "cp $f x; rm $f; ln -s ../x $f",
    };
    struct place *place = *state;
    struct ran plain;

    fill(place);
    plain = plain_run(place, ".");
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        place_sh(place,
                 arena_printf(&place->arena, "f=$(echo " CACHE "*.answer); %s",
                              ways[i]));
        if (answers_as(place, ".", &plain))
            fail_msg("'%s' is answered", ways[i]);
    }
    assert_true(answers_as(place, ".", &plain));
}

/* As many questions as one likes, and a bounded number of answers. */
static void answers_are_bounded(void **state)
{
    struct place *place = *state;

    fill(place);
    place_sh(place,
             "for i in $(seq 20); do \"$ASYNCLINT\" -q --cache b.c -- -DX=$i;"
             "done; ls " CACHE "*.answer | wc -l > count");
    assert_true(strtol(place_sh(place, "cat count").out, NULL, 10) <= 16);
}

static void goes_on_read_only(void **state)
{
    struct place *place = *state;

    if (!geteuid())
        skip(); /* nothing is read-only for root */
    fill(place);
    place_sh(place, "chmod 0500 " CACHE);
    assert_true(is_answered(place, "."));
    place_sh(place, "chmod 0700 " CACHE);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(is_no_part_of_the_question),
        TEST(what_changes_is_seen),
        TEST(other_questions_have_other_answers),
        TEST(other_programs_ask_again),
        TEST(spoilt_answers_are_mended),
        TEST(answers_are_bounded),
        TEST(goes_on_read_only),
    };
#undef TEST

    return cmocka_run_group_tests_name("cli_answer", tests, NULL, NULL);
}
