/*
 * The program as its users meet it: what it says about the bundled examples,
 * and with which status it ends.
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

#include "base/str.h"
#include "support/marks.h"
#include "support/mistakes.h"
#include "support/place.h"
#include "support/run.h"

#define INCLUDE " -- -I" SOURCE_ROOT "/runtime-sample/include"

static const char frozen[] =
    SOURCE_ROOT "/runtime-sample/examples/chat_frozen.c";
static const char nap[] = SOURCE_ROOT "/runtime-sample/examples/bad_pattern.c";

static void ends_with(struct place *place, const char *arguments, int status)
{
    struct ran ran = place_lint(place, arguments);

    if (ran.status != status)
        fail_msg("asynclint %s: status %d, expected %d\n%s%s", arguments,
                 ran.status, status, ran.out, ran.err);
}

static bool finds(const finding_list *findings, const char *file,
                  const char *rule)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (!strcmp(findings->items[i].file, file) &&
            (!rule || !strcmp(findings->items[i].rule, rule)))
            return true;
    return false;
}

/* What their README says of them. */
static void examples(void **state)
{
    static const char *const clean[] = {
        "chat_fixed",     "counter",       "session_service", "good_pattern",
        "atomic_counter", "graceful_stop", "connection_pool", "pipeline"};
    static const char *const bad[][2] = {
        {"chat_frozen", "blocking-lock-across-await"},
        {"bad_pattern", "async-lock-across-await"},
        {"counter_bad", "self-deadlock"},
        {"atomic_counter_bad", "lock-could-be-atomic"},
        {"session_bad", "lock-leak"},
        {"pool_bad", "async-lock-across-await"},
        {"pipeline_bad", "blocking-call-in-async"}};
    struct place *place = *state;
    struct ran ran =
        run_script(&place->arena, SOURCE_ROOT,
                   "\"$ASYNCLINT\" --format gcc runtime-sample/examples");
    finding_list findings = findings_parse(&place->arena, ran.out);

    assert_int_equal(ran.status, 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_true(
            finds(&findings,
                  arena_printf(&place->arena, "runtime-sample/examples/%s.c",
                               bad[i][0]),
                  bad[i][1]));
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
        assert_true(finds(&findings, "runtime-sample/examples/mistakes.c",
                          mistakes[i]));
    for (size_t i = 0; i < sizeof(clean) / sizeof(*clean); i++)
        assert_false(
            finds(&findings,
                  arena_printf(&place->arena, "runtime-sample/examples/%s.c",
                               clean[i]),
                  NULL));
}

static void text_tells_the_story(void **state)
{
    static const char *const words[] = {
        "error[blocking-lock-across-await]: blocking lock 'room->lock'",
        "guard(blocking_mutex)(&room->lock);",
        "'room->lock' is taken here",
        "suspends here, still holding it",
        "= why: ",
        "= help: ",
        "2 findings (2 errors) in 1 of 1 file\n"};
    struct place *place = *state;
    struct ran ran =
        place_lint(place, arena_printf(&place->arena, "%s" INCLUDE, frozen));

    assert_int_equal(ran.status, 1);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (!strstr(ran.out, words[i]))
            fail_msg("no '%s' in\n%s", words[i], ran.out);
}

/* The calls between the await and what suspends, in other files. */
static void await_shows_its_way_down(void **state)
{
    static const char *const notes[] = {
        "middle.c:5:11: note: 'link_one' calls 'link_two' here\n",
        "bottom.c:7:11: note: 'link_two' suspends in 'rt_sleep_ms'\n"};
    struct place *place = *state;
    struct ran ran =
        run_script(&place->arena, TREE_FIXTURES "/summaries/suspends",
                   "\"$ASYNCLINT\" --format gcc ." INCLUDE);

    for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
        if (!strstr(ran.out, notes[i]))
            fail_msg("no '%s' in\n%s", notes[i], ran.out);
}

static void status_is_0_when_clean(void **state)
{
    struct place *place = *state;
    struct ran ran;

    place_file_write("clean.c", "int f(void)\n{\n    return 0;\n}\n");
    ran = place_lint(place, "clean.c");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.out, "no findings in 1 file\n");
    assert_string_equal(ran.err, "");
    ran = place_lint(place, "-q clean.c");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.out, "");
    ends_with(place, "--strict clean.c", 0);
    ends_with(place, "--format gcc .", 0);
    ends_with(place, "check clean.c", 0);
    ends_with(place, "--help", 0);
    ends_with(place, "--version", 0);
    ends_with(place, "rules", 0);
}

/* Whether pthread_exit runs cleanups is for the flags to say. */
static void exceptions_run_cleanups(void **state)
{
    struct place *place = *state;

    place_file_write("exit.c",
                     "#include <rt.h>\n"
                     "#include <pthread.h>\n"
                     "struct kiln { struct blocking_mutex lock; int heat; };\n"
                     "void *cool(void *argument)\n"
                     "{\n"
                     "    struct kiln *kiln = argument;\n"
                     "    guard(blocking_mutex)(&kiln->lock);\n"
                     "    if (kiln->heat > 3)\n"
                     "        pthread_exit(0);\n"
                     "    return 0;\n"
                     "}\n");
    ends_with(place, "exit.c" INCLUDE, 1);
    ends_with(place, "exit.c" INCLUDE " -fexceptions", 0);
    ends_with(place, "exit.c" INCLUDE " -fexceptions -fno-exceptions", 1);
}

/* More locks under one than are followed. */
static void bounds_are_told(void **state)
{
    struct place *place = *state;
    struct strbuf text = {.arena = &place->arena};
    struct ran ran;

    strbuf_add(&text, "#include <pthread.h>\n");
    for (int i = 0; i < 120; i++)
        strbuf_printf(&text, "pthread_mutex_t m%d;\n", i);
    strbuf_add(&text, "static void all(void)\n{\n");
    for (int i = 0; i < 120; i++)
        strbuf_printf(&text,
                      "pthread_mutex_lock(&m%d);\n"
                      "pthread_mutex_unlock(&m%d);\n",
                      i, i);
    strbuf_add(&text, "}\nvoid f(pthread_mutex_t *own)\n{\n"
                      "pthread_mutex_lock(own);\n"
                      "all();\n"
                      "pthread_mutex_unlock(own);\n}\n");
    place_file_write("many.c", strbuf_text(&text));
    ran = place_lint(place, "many.c");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.err,
                        "asynclint: note: some functions take more locks than "
                        "are followed for their order; not all of it is "
                        "told\n");
}

/* A warning and no more than that. */
static void status_is_1_for_findings(void **state)
{
    struct place *place = *state;
    const char *file = arena_printf(&place->arena, "%s" INCLUDE, nap);

    ends_with(place, file, 1);
    ends_with(place,
              arena_printf(&place->arena, "--fail-level warning %s", file), 1);
    ends_with(place, arena_printf(&place->arena, "--fail-level error %s", file),
              0);
    ends_with(place, arena_printf(&place->arena, "--fail-level never %s", file),
              0);
    ends_with(place,
              arena_printf(&place->arena,
                           "--rule async-lock-across-await=note %s", file),
              0);
    ends_with(place,
              arena_printf(&place->arena,
                           "--rule async-lock-across-await=note "
                           "--fail-level note %s",
                           file),
              1);
    ends_with(place,
              arena_printf(&place->arena,
                           "--rule async-lock-across-await=off "
                           "--fail-level note %s",
                           file),
              0);
}

/* A note counts in one profile, and a warning is not even told in another. */
static void profiles(void **state)
{
    struct place *place = *state;
    const char *file = arena_printf(&place->arena, "%s" INCLUDE, nap);
    struct ran ran;

    ends_with(place, arena_printf(&place->arena, "--profile default %s", file),
              1);
    ends_with(place,
              arena_printf(&place->arena,
                           "--profile strict "
                           "--rule async-lock-across-await=note %s",
                           file),
              1);
    ends_with(place,
              arena_printf(&place->arena,
                           "--profile strict --fail-level error %s", file),
              0);
    ran = place_lint(place,
                     arena_printf(&place->arena,
                                  "-q --profile migration --fail-level note %s",
                                  file));
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.out, "");
}

/* Sorted by class, each with all that the program does to it. */
static void locks_have_entries(void **state)
{
    struct place *place = *state;
    struct ran ran;

    place_file_write("a.c", "#include <pthread.h>\n"
                            "#include <unistd.h>\n"
                            "static pthread_mutex_t b, a;\n"
                            "static int n;\n"
                            "int main(void)\n"
                            "{\n"
                            "    pthread_mutex_lock(&b);\n"
                            "    fsync(1);\n"
                            "    pthread_mutex_lock(&a);\n"
                            "    n++;\n"
                            "    pthread_mutex_unlock(&a);\n"
                            "    pthread_mutex_unlock(&b);\n"
                            "    return 0;\n"
                            "}\n");
    ran = place_lint(place, "locks a.c");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.out, "a.c:a: blocking\n"
                                 "  taken      a.c:9 in 'main'\n"
                                 "  by         outside tasks\n"
                                 "  taken in   'a.c:b' at a.c:9 in 'main'\n"
                                 "  suggested  blocking: no task takes it\n"
                                 "\n"
                                 "a.c:b: blocking\n"
                                 "  taken      a.c:7 in 'main'\n"
                                 "  by         outside tasks\n"
                                 "  blocks in  'fsync' at a.c:8 in 'main'\n"
                                 "  then takes 'a.c:a' at a.c:9 in 'main'\n"
                                 "  suggested  blocking: no task takes it\n");
}

/* What is called most often comes first; what runs in no task is not told. */
static void unknown_calls_are_listed(void **state)
{
    struct place *place = *state;
    struct ran ran;

    place_file_write("p.yaml", "pack: p\nmarkers: {async: {words: [TASK]}}\n");
    place_file_write("a.c", "#define TASK\n"
                            "struct ops { void (*flush)(void); };\n"
                            "void other(void), more(void);\n"
                            "TASK void serve(struct ops *ops)\n"
                            "{\n"
                            "    more();\n"
                            "    ops->flush();\n"
                            "    other();\n"
                            "    other();\n"
                            "}\n"
                            "void outside(void) { more(); }\n"
                            "int main(void) { outside(); return 0; }\n");
    ran = place_lint(place, "unknown --pack p.yaml a.c");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.out, "'other': 2 calls\n"
                                 "  a.c:8:5: in 'serve'\n"
                                 "  a.c:9:5: in 'serve'\n"
                                 "'more': 1 call\n"
                                 "  a.c:6:5: in 'serve'\n"
                                 "'ops->flush': 1 call through a pointer\n"
                                 "  a.c:7:5: in 'serve'\n");
    ran = place_lint(place, "unknown a.c");
    assert_string_equal(ran.out, "all calls in async code lead where "
                                 "something is known\n");
}

/* Of several functions with one name all are told, unless it is said which. */
static void why_and_graph(void **state)
{
    struct place *place = *state;
    struct ran ran;

    place_file_write("a.c", "static int f(void)\n{\n    return 0;\n}\n"
                            "int main(void)\n{\n    return f();\n}\n");
    place_file_write("sub/b.c", "static void f(void)\n{\n}\n");
    ran = place_lint(place, "why sub/b.c:f");
    assert_int_equal(ran.status, 0);
    assert_string_equal(ran.out, "'f' (sub/b.c:1)\n"
                                 "no task is known to run it\n"
                                 "nothing that is known to run leads to it\n"
                                 "  nobody is known to call it\n"
                                 "it is not known to suspend\n"
                                 "it is not known to block, other than on "
                                 "locks\n");
    ran = place_lint(place, "why f");
    assert_non_null(strstr(ran.out, "'f' (a.c:1)\n"));
    assert_non_null(strstr(ran.out, "\n\n'f' (sub/b.c:1)\n"));
    ran = place_lint(place, "graph a.c:f");
    assert_string_equal(ran.out, "a.c:1: 'f': outside tasks\n"
                                 "a.c:5: 'main': outside tasks\n"
                                 "  7: calls 'f'\n");
    ran = place_lint(place, "graph sub");
    assert_string_equal(ran.out, "sub/b.c:1: 'f': nowhere\n");
}

/* One sentence on stderr, nothing on stdout, status 2. */
static void refuses(struct place *place, const char *arguments,
                    const char *sentence)
{
    struct ran ran = place_lint(place, arguments);
    const char *line = arena_printf(&place->arena, "asynclint: %s\n", sentence);

    if (ran.status != 2 || *ran.out || strcmp(ran.err, line) != 0)
        fail_msg("asynclint %s: status %d, expected 2 and\n%sbut it says\n%s%s",
                 arguments, ran.status, line, ran.out, ran.err);
}

/* A line that is written over and erased, on a terminal and nowhere else. */
static void progress(void **state)
{
    static const char line[] = "\r\033[K[##########..........] 1/2 a.c";
    struct place *place = *state;
    struct ran ran;

    place_file_write("a.c", "#include \"slow.h\"\nint f(void);\n");
    place_file_write("b.c", "int g(void);\n");
    assert_int_equal(place_sh(place, "mkfifo slow.h").status, 0);
    ran = place_sh(place, "TERM=xterm script -qec "
                          "'\"$ASYNCLINT\" -j1 --timeout 1 .' /dev/null");
    if (!strstr(ran.out, line))
        fail_msg("no line of progress in\n%s", ran.out);
    assert_non_null(strstr(ran.out, "\r\033[Kasynclint: note: 'a.c'"));
    ran = place_sh(place, "TERM=dumb script -qec "
                          "'\"$ASYNCLINT\" -j1 --timeout 1 .' /dev/null");
    assert_null(strstr(ran.out, "\033[K"));
    ran = place_lint(place, "-j1 --timeout 1 .");
    assert_null(strstr(ran.err, "\033"));
}

static void status_is_2_for_misuse(void **state)
{
    struct place *place = *state;

    place_file_write("a.c", "int f(void);\n");
    refuses(place, "--colour always a.c",
            "unknown option '--colour'; did you mean '--color'?");
    refuses(place, "explain no-such-rule",
            "unknown rule 'no-such-rule' ('asynclint rules' lists them)");
    refuses(place, "-j 0 a.c",
            "'0' is no value for -j: it must be a number from 1 to 1024");
    refuses(place, "why ff a.c",
            "no function 'ff' is defined in what was read");
    refuses(place, "graph ff a.c",
            "no function 'ff' is defined in what was read");
    ends_with(place, "-j 10000 a.c", 2);
    ends_with(place, "--rule self-deadlock=loud a.c", 2);
    ends_with(place, "--format xml a.c", 2);
    ends_with(place, "--dump nothing a.c", 2);
    ends_with(place, "--pack nowhere.yaml a.c", 2);
    ends_with(place, "-p nowhere a.c", 2);
}

/* What could not be analysed, among what could. */
static void status_is_3_when_strict(void **state)
{
    struct place *place = *state;

    place_file_write("good.c", "int f(void);\n");
    place_file_write("bad.c", "int f(\n");
    ends_with(place, "good.c bad.c", 0);
    ends_with(place, "--strict good.c bad.c", 3);
    ends_with(place, "--strict good.c", 0);
    /* Findings say more. */
    ends_with(place,
              arena_printf(&place->arena, "--strict bad.c %s" INCLUDE, frozen),
              1);
}

/* Who stops reading gets no noise, and who closes the door a sentence. */
static void nobody_reads(void **state)
{
    struct place *place = *state;
    struct ran ran = place_sh(
        place,
        "cd '" SOURCE_ROOT "' && \"$ASYNCLINT\" --dump ir --dump state "
        "runtime-sample/examples fixtures/rules/*/*.c fixtures/cases" INCLUDE
        " 2>\"$OLDPWD/notes\" | head -n 1 | wc -l; "
        "grep -c -i -e sanitizer -e abort -e assert \"$OLDPWD/notes\"");

    assert_string_equal(ran.out, "1\n0\n");
    place_file_write("a.c", "int f(void);\n");
    ran = place_lint(place, "a.c >&-");
    assert_int_equal(ran.status, 2);
    assert_string_equal(
        ran.err, "asynclint: cannot write the findings: Bad file descriptor\n");
    ran = place_lint(place, "a.c >/dev/full");
    assert_int_equal(ran.status, 2);
    assert_string_equal(
        ran.err,
        "asynclint: cannot write the findings: No space left on device\n");
    ends_with(place, "a.c 2>&-", 0);
    ends_with(place, "rules >/dev/full", 2);
}

#define test(name)                                                             \
    cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(examples),
        test(text_tells_the_story),
        test(await_shows_its_way_down),
        test(status_is_0_when_clean),
        test(status_is_1_for_findings),
        test(exceptions_run_cleanups),
        test(bounds_are_told),
        test(profiles),
        test(locks_have_entries),
        test(unknown_calls_are_listed),
        test(why_and_graph),
        test(progress),
        test(status_is_2_for_misuse),
        test(status_is_3_when_strict),
        test(nobody_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
