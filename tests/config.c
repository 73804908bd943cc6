/*
 * input/config: `.asynclint.yaml`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/config.h"
#include "support/place.h"

static const char *const rules[] = {"blocking-lock-across-await",
                                    "blocking-lock-in-async", NULL};
static const struct args_known known = {.rules = rules};

static void read_as(struct place *place, struct args *args)
{
    struct err err = {0};

    if (!config_load(args, &place->arena, &known, &err))
        fail_msg("%s", err.text);
}

static void refuses(struct place *place, const char *text, const char *sentence)
{
    struct args args = {0};
    struct err err = {0};

    place_file_write(".asynclint.yaml", text);
    vec_add(&place->arena, &args.paths, ".");
    assert_false(config_load(&args, &place->arena, &known, &err));
    assert_string_equal(err.text, sentence);
}

static void everything(void **state)
{
    struct place *place = *state;
    struct args args = {.fail_level = LEVEL_WARNING};
    struct rule_level typed = {rules[1], LEVEL_ERROR};

    place_file_write("packs/ours.yaml", "");
    place_file_write("deep/in/a.c", "");
    place_file_write(".asynclint.yaml",
                     "packs: [packs/ours.yaml, /usr/include/stdio.h]\n"
                     "rules:\n"
                     "  blocking-lock-in-async: note\n"
                     "  blocking-lock-across-await: 'off'\n"
                     "short-sections: allow\n"
                     "fail-level: error\n"
                     "exclude: [third_party, '*_gen.c']\n");
    vec_add(&place->arena, &args.paths, "deep/in/a.c");
    vec_add(&place->arena, &args.packs, "typed.yaml");
    vec_add(&place->arena, &args.rule_levels, typed);
    read_as(place, &args);
    assert_string_equal(args.config_file, ".asynclint.yaml");
    assert_int_equal(args.packs.count, 3);
    assert_string_equal(args.packs.items[0], "packs/ours.yaml");
    assert_string_equal(args.packs.items[1], "/usr/include/stdio.h");
    assert_string_equal(args.packs.items[2], "typed.yaml");
    assert_int_equal(args.fail_level, LEVEL_ERROR);
    assert_int_equal(args.short_sections, ARGS_POLICY_ALLOW);
    assert_int_equal(args.excludes.count, 2);
    assert_string_equal(args.excludes.items[1], "*_gen.c");
    assert_string_equal(args.exclude_base, place->folder);
    assert_int_equal(args.rule_levels.count, 4);
    assert_string_equal(args.rule_levels.items[2].rule, rules[0]);
    assert_int_equal(args.rule_levels.items[2].level, LEVEL_OFF);
    assert_string_equal(args.rule_levels.items[3].rule, rules[1]);
    assert_int_equal(args.rule_levels.items[3].level, LEVEL_ERROR);
}

static void the_command_line_wins(void **state)
{
    struct place *place = *state;
    struct args args = {.fail_level = LEVEL_NEVER, .is_fail_level_given = true};

    place_file_write(".asynclint.yaml", "fail-level: error\n");
    vec_add(&place->arena, &args.paths, ".");
    read_as(place, &args);
    assert_int_equal(args.fail_level, LEVEL_NEVER);
}

static void profiles_fill_in(void **state)
{
    struct place *place = *state;
    struct args args = {.fail_level = LEVEL_WARNING};
    struct args named = {.fail_level = LEVEL_WARNING};
    struct args typed = {.fail_level = LEVEL_WARNING,
                         .profile = ARGS_PROFILE_MIGRATION};

    place_file_write(".asynclint.yaml", "profile: strict\n");
    vec_add(&place->arena, &args.paths, ".");
    read_as(place, &args);
    assert_int_equal(args.profile, ARGS_PROFILE_STRICT);
    assert_int_equal(args.short_sections, ARGS_POLICY_REPORT);
    assert_int_equal(args.fail_level, LEVEL_NOTE);
    vec_add(&place->arena, &typed.paths, ".");
    read_as(place, &typed);
    assert_int_equal(typed.profile, ARGS_PROFILE_MIGRATION);
    assert_int_equal(typed.fail_level, LEVEL_WARNING);
    place_file_write(".asynclint.yaml", "profile: strict\n"
                                        "short-sections: allow\n"
                                        "fail-level: error\n");
    vec_add(&place->arena, &named.paths, ".");
    read_as(place, &named);
    assert_int_equal(named.short_sections, ARGS_POLICY_REPORT);
    assert_int_equal(named.fail_level, LEVEL_ERROR);
    refuses(place, "profile: lax\n",
            ".asynclint.yaml:1:10: unknown value 'lax' for 'profile' (known: "
            "default, strict, migration)");
}

static void none_is_fine(void **state)
{
    struct place *place = *state;
    struct args args = {0};

    vec_add(&place->arena, &args.paths, "nowhere");
    read_as(place, &args);
    assert_null(args.config_file);
    args.paths.items[0] = ".";
    read_as(place, &args);
    assert_null(args.config_file);
    place_file_write(".asynclint.yaml", "");
    read_as(place, &args);
    assert_string_equal(args.config_file, ".asynclint.yaml");
}

static void the_search_ends_at_the_repository(void **state)
{
    struct place *place = *state;
    struct args args = {0};

    place_file_write(".asynclint.yaml", "fail-level: error\n");
    place_file_write("inner/.git", "");
    vec_add(&place->arena, &args.paths, "inner");
    read_as(place, &args);
    assert_null(args.config_file);
}

static void bad_ones_name_the_place(void **state)
{
    struct place *place = *state;

    refuses(place, "pakcs: []\n",
            ".asynclint.yaml:1:1: unknown key 'pakcs' in the configuration; "
            "did you mean 'packs'?");
    refuses(place, "[]\n",
            ".asynclint.yaml:1:1: the configuration must be a map, not a "
            "list");
    refuses(place, "packs: [/etc/passwd]\n",
            ".asynclint.yaml:1:9: pack '/etc/passwd' is outside of the "
            "repository; name it with --pack");
    refuses(place, "packs: x\n",
            ".asynclint.yaml:1:8: 'packs' must be a list, not a text");
    refuses(place, "packs:\n  - [x]\n",
            ".asynclint.yaml:2:5: each of 'packs' must be a text, not a "
            "list");
    refuses(place, "packs: [none.yaml]\n",
            ".asynclint.yaml:1:9: no such pack: 'none.yaml'");
    refuses(place, "exclude: ['']\n",
            ".asynclint.yaml:1:11: each of 'exclude' must not be empty");
    refuses(place, "rules: {blocking-lock-in-asinc: off}\n",
            ".asynclint.yaml:1:9: unknown key 'blocking-lock-in-asinc' in "
            "'rules'; did you mean 'blocking-lock-in-async'?");
    refuses(place, "rules:\n  blocking-lock-in-async: of\n",
            ".asynclint.yaml:2:27: unknown value 'of' for "
            "blocking-lock-in-async; did you mean 'off'?");
    refuses(place, "short-sections: -1\n",
            ".asynclint.yaml:1:17: unknown value '-1' for 'short-sections' "
            "(known: report, allow)");
    refuses(place, "fail-level: off\n",
            ".asynclint.yaml:1:13: unknown value 'off' for 'fail-level' "
            "(known: note, warning, error, never)");
    refuses(place, "rules: {}\nrules: {}\n",
            ".asynclint.yaml:2:1: the key 'rules' stands here twice");
}

static void odd_files_are_refused(void **state)
{
    struct place *place = *state;
    struct args args = {0};
    struct err err = {0};

    assert_int_equal(mkfifo(".asynclint.yaml", 0600), 0);
    vec_add(&place->arena, &args.paths, ".");
    assert_false(config_load(&args, &place->arena, &known, &err));
    assert_string_equal(err.text, "'.asynclint.yaml' is not a regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(the_command_line_wins, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(profiles_fill_in, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(none_is_fine, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(the_search_ends_at_the_repository,
                                        place_setup, place_teardown),
        cmocka_unit_test_setup_teardown(bad_ones_name_the_place, place_setup,
                                        place_teardown),
        cmocka_unit_test_setup_teardown(odd_files_are_refused, place_setup,
                                        place_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
