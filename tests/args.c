/*
 * input/args: the command line.
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
#include <unistd.h>

#include "input/args.h"

enum { WORDS_MAX = 64 };

static const char *const stages[] = {"ir", "cfg", "state", NULL};
static const char *const rules[] = {"blocking-lock-across-await",
                                    "blocking-lock-in-async", NULL};
static const struct args_known known = {.stages = stages, .rules = rules};

/* One parsed line, split at blanks. */
struct line {
    struct arena arena;
    struct args args;
    struct err err;
    bool is_fine;
};

static void line_parse(struct line *line, const char *text)
{
    char *argv[WORDS_MAX + 1] = {"asynclint"};
    char *copy;
    int argc = 1;

    *line = (struct line){0};
    copy = arena_strdup(&line->arena, text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        assert_true(argc < WORDS_MAX);
        argv[argc++] = word;
    }
    line->is_fine =
        args_parse(&line->args, &line->arena, argc, argv, &known, &line->err);
}

static void accepts(struct line *line, const char *text)
{
    line_parse(line, text);
    if (!line->is_fine)
        fail_msg("'%s': %s", text, line->err.text);
}

static void refuses(const char *text, const char *sentence)
{
    struct line line;

    line_parse(&line, text);
    assert_false(line.is_fine);
    assert_string_equal(line.err.text, sentence);
    arena_finish(&line.arena);
}

static void defaults(void **state)
{
    struct line line;

    (void)state;
    accepts(&line, "");
    assert_int_equal(line.args.command, ARGS_CHECK);
    assert_int_equal(line.args.paths.count, 1);
    assert_string_equal(line.args.paths.items[0], ".");
    assert_int_equal(line.args.fail_level, LEVEL_WARNING);
    assert_false(line.args.is_fail_level_given);
    assert_int_equal(line.args.timeout_s, 60);
    assert_in_range(line.args.jobs, 1, 1024);
    assert_null(line.args.build_dir);
    arena_finish(&line.arena);
}

static void everything(void **state)
{
    struct line line;

    (void)state;
    accepts(&line, "check --format gcc a.c --pack one.yaml --pack=two.yaml "
                   "-p build --dump ir --dump=cfg -j3 --strict b "
                   "--fail-level=never --color always --timeout 5 "
                   "--memory 512 -q --trust-flags "
                   "--rule blocking-lock-in-async=off -- -DX -I dir -- y");
    assert_int_equal(line.args.command, ARGS_CHECK);
    assert_int_equal(line.args.format, ARGS_FORMAT_GCC);
    assert_int_equal(line.args.paths.count, 2);
    assert_string_equal(line.args.paths.items[0], "a.c");
    assert_string_equal(line.args.paths.items[1], "b");
    assert_int_equal(line.args.packs.count, 2);
    assert_string_equal(line.args.packs.items[1], "two.yaml");
    assert_string_equal(line.args.build_dir, "build");
    assert_int_equal(line.args.dumps.count, 2);
    assert_string_equal(line.args.dumps.items[1], "cfg");
    assert_int_equal(line.args.jobs, 3);
    assert_true(line.args.is_strict);
    assert_true(line.args.is_quiet);
    assert_true(line.args.trusts_flags);
    assert_int_equal(line.args.fail_level, LEVEL_NEVER);
    assert_true(line.args.is_fail_level_given);
    assert_int_equal(line.args.color, ARGS_COLOR_ALWAYS);
    assert_int_equal(line.args.timeout_s, 5);
    assert_int_equal(line.args.memory_mib, 512);
    assert_int_equal(line.args.rule_levels.count, 1);
    assert_string_equal(line.args.rule_levels.items[0].rule,
                        "blocking-lock-in-async");
    assert_int_equal(line.args.rule_levels.items[0].level, LEVEL_OFF);
    assert_int_equal(line.args.flags.count, 5);
    assert_string_equal(line.args.flags.items[0], "-DX");
    assert_string_equal(line.args.flags.items[3], "--");
    arena_finish(&line.arena);
}

static void commands(void **state)
{
    struct line line;

    (void)state;
    accepts(&line, "explain blocking-lock-in-async");
    assert_int_equal(line.args.command, ARGS_EXPLAIN);
    assert_string_equal(line.args.rule, "blocking-lock-in-async");
    arena_finish(&line.arena);
    accepts(&line, "--color never rules");
    assert_int_equal(line.args.command, ARGS_RULES);
    arena_finish(&line.arena);
    accepts(&line, "--help");
    assert_int_equal(line.args.command, ARGS_HELP);
    arena_finish(&line.arena);
    accepts(&line, "explain --help");
    assert_int_equal(line.args.command, ARGS_HELP);
    arena_finish(&line.arena);
    accepts(&line, "--version");
    assert_int_equal(line.args.command, ARGS_VERSION);
    arena_finish(&line.arena);
    accepts(&line, "why f src -j1");
    assert_int_equal(line.args.command, ARGS_WHY);
    assert_string_equal(line.args.function, "f");
    assert_int_equal(line.args.paths.count, 1);
    assert_string_equal(line.args.paths.items[0], "src");
    arena_finish(&line.arena);
    accepts(&line, "graph . --format dot");
    assert_int_equal(line.args.command, ARGS_GRAPH);
    assert_null(line.args.function);
    assert_int_equal(line.args.format, ARGS_FORMAT_DOT);
    assert_int_equal(line.args.paths.count, 1);
    arena_finish(&line.arena);
    accepts(&line, "graph no-such-path");
    assert_string_equal(line.args.function, "no-such-path");
    assert_string_equal(line.args.paths.items[0], ".");
    arena_finish(&line.arena);
    accepts(&line, "x.c check");
    assert_int_equal(line.args.paths.count, 2);
    arena_finish(&line.arena);
}

static void commands_refused(void **state)
{
    (void)state;
    refuses("explain", "'explain' needs the id of one rule; 'asynclint rules' "
                       "lists them");
    refuses("explain a b", "'explain' needs the id of one rule; 'asynclint "
                           "rules' lists them");
    refuses("explain blocking-lock-in-asinc",
            "unknown rule 'blocking-lock-in-asinc'; did you mean "
            "'blocking-lock-in-async'? ('asynclint rules' lists them)");
    refuses("rules x", "'rules' takes no 'x'");
    refuses("chekc", "'chekc' is neither a command nor a path; did you mean "
                     "'check'?");
}

static void options_refused(void **state)
{
    (void)state;
    refuses("--fromat text",
            "unknown option '--fromat'; did you mean '--format'?");
    refuses("--fromat=text",
            "unknown option '--fromat'; did you mean '--format'?");
    refuses("--qqqqqqqq", "unknown option '--qqqqqqqq'");
    refuses("--f text", "option '--f' could be one of --fail-level, --format");
    refuses("--quiet=1", "option '--quiet' takes no value");
    refuses("a.c --pack", "option '--pack' needs a value");
    refuses("-j", "option '-j' needs a value");
    refuses("--pack -- x", "option '--pack' needs a value");
    refuses("-x", "unknown option '-x'; compiler flags stand behind '--'");
    refuses("-qx", "unknown option '-x'; compiler flags stand behind '--'");
    refuses("a.c -Iinclude",
            "unknown option '-I'; compiler flags stand behind '--'");
}

static void values_refused(void **state)
{
    (void)state;
    refuses("--format json", "unknown format 'json' (known: text, gcc, dot)");
    refuses("--format dot", "format 'dot' is for 'graph'");
    refuses("graph --format gcc", "'graph' has no such format");
    refuses("why f --format dot", "'why' has no such format");
    refuses("why", "'why' needs the name of a function");
    refuses("--dump sfg", "unknown stage 'sfg'; did you mean 'cfg'? (known: "
                          "ir, cfg, state)");
    refuses("--fail-level off", "unknown fail level 'off' (known: note, "
                                "warning, error, never)");
    refuses("--profile loose", "unknown profile 'loose' (known: default, "
                               "strict, migration)");
    refuses("-j 0", "'0' is no value for -j: it must be a number from 1 to "
                    "1024");
    refuses("-j 10000", "'10000' is no value for -j: it must be a number from "
                        "1 to 1024");
    refuses("-j -1", "'-1' is no value for -j: it must be a number from 1 to "
                     "1024");
    refuses("-j 1x", "'1x' is no value for -j: it must be a number from 1 to "
                     "1024");
    refuses("-j 99999999999999999999999",
            "'99999999999999999999999' is no value for -j: it must be a "
            "number from 1 to 1024");
    refuses("--timeout 0", "'0' is no value for --timeout: it must be a "
                           "number from 1 to 86400");
    refuses("--rule x", "'x' is no value for --rule: write "
                        "ID=off|note|warning|error");
    refuses("--rule blocking-lock-in-async=warn",
            "unknown rule level 'warn' (known: off, note, warning, error)");
    refuses("--rule blocking-lock-in-asyn=off",
            "unknown rule 'blocking-lock-in-asyn'; did you mean "
            "'blocking-lock-in-async'? (known: blocking-lock-across-await, "
            "blocking-lock-in-async)");
}

static void an_empty_path_is_refused(void **state)
{
    char *argv[] = {"asynclint", "", NULL};
    struct arena arena = {0};
    struct args args = {0};
    struct err err = {0};

    (void)state;
    assert_false(args_parse(&args, &arena, 2, argv, &known, &err));
    assert_string_equal(err.text, "a path must not be empty");
    arena_finish(&arena);
}

static void posixly_correct_changes_nothing(void **state)
{
    struct line line;

    (void)state;
    setenv("POSIXLY_CORRECT", "1", 1);
    accepts(&line, "a.c --strict");
    unsetenv("POSIXLY_CORRECT");
    assert_true(line.args.is_strict);
    assert_int_equal(line.args.paths.count, 1);
    arena_finish(&line.arena);
}

static void unambiguous_beginnings_are_taken(void **state)
{
    struct line line;

    (void)state;
    accepts(&line, "--stri a.c");
    assert_true(line.args.is_strict);
    arena_finish(&line.arena);
}

/* Help has to fit a terminal, and to name every option. */
static void help_is_complete(void **state)
{
    static const char *const said[] = {
        "--build-dir",  "--pack",   "--trust-flags", "--rule",
        "--fail-level", "--strict", "--format",      "--color",
        "--dump",       "--quiet",  "--jobs",        "--timeout",
        "--memory",     "--help",   "--version",     "ir cfg state"};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    args_help_print(file, &known);
    fclose(file);
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
        if (!strstr(text, said[i]))
            fail_msg("no %s in the help", said[i]);
    for (char *row = strtok(text, "\n"); row; row = strtok(NULL, "\n"))
        assert_true(strlen(row) <= 80);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(everything),
        cmocka_unit_test(commands),
        cmocka_unit_test(commands_refused),
        cmocka_unit_test(options_refused),
        cmocka_unit_test(values_refused),
        cmocka_unit_test(an_empty_path_is_refused),
        cmocka_unit_test(posixly_correct_changes_nothing),
        cmocka_unit_test(unambiguous_beginnings_are_taken),
        cmocka_unit_test(help_is_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
