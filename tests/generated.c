/*
 * What is found in random programs is what is true of them (random_program.h
 * says how that is known): each lock that is held at an await on some path,
 * and no other; each lock that is taken while it is held.
 *
 * GENERATED_PROGRAMS=1000 in the environment makes it a long run; a failure
 * prints the function, and the seed is the program's number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/place.h"
#include "support/random_program.h"
#include "support/run.h"

enum {
    PROGRAMS = 6, /* a second or two under sanitizers */
    FUNCTIONS = 120,
};

struct found {
    line_list crossing;
    line_list deadlock;
};

static bool list_has(const line_list *list, int line)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i] == line)
            return true;
    return false;
}

/* From lines as gcc writes them: the finding, and notes on where the lock was
 * taken. */
static void found_read(struct arena *arena, const char *text,
                       struct found *found)
{
    bool is_crossing = false;

    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        const char *line = arena_printf(arena, "%.*s", (int)(end - text), text);
        int number = atoi(line + strlen("x.c:"));

        if (strchr(line, '['))
            is_crossing = strstr(line, "[blocking-lock-across-await]");
        if (strstr(line, "[self-deadlock]"))
            vec_add(arena, &found->deadlock, number);
        if (is_crossing &&
            (strstr(line, "is taken here") || strstr(line, "returns with")))
            vec_add(arena, &found->crossing, number);
    }
}

static void function_show(const struct random_program *program,
                          const struct known_function *function, int line,
                          const char *what)
{
    const char *at = program->text;

    for (int i = 1; i < function->first_line; i++)
        at = strchr(at, '\n') + 1;
    printf("line %d: %s\n", line, what);
    for (int i = function->first_line; i <= function->last_line; i++) {
        int length = (int)strcspn(at, "\n");

        printf("%5d %.*s\n", i, length, at);
        at += length + 1;
    }
}

/* Behind a deadlock there is no truth to compare with. */
static int function_compare(const struct random_program *program,
                            const struct known_function *function,
                            const struct found *found)
{
    const struct truth *truth = &function->truth;
    int wrong = 0;

    for (int line = function->first_line; line <= function->last_line; line++) {
        const char *what = NULL;
        bool crosses = list_has(&truth->crossing, line);

        if (list_has(&truth->deadlock, line) &&
            !list_has(&found->deadlock, line))
            what = "is a deadlock and is not told";
        else if (!truth->deadlock.count && list_has(&found->deadlock, line))
            what = "is told and is no deadlock";
        else if (!truth->deadlock.count &&
                 crosses != list_has(&found->crossing, line))
            what = crosses ? "is held at an await, which is not told"
                           : "is told and is held at no await";
        if (what)
            function_show(program, function, line, what);
        wrong += what != NULL;
    }
    return wrong;
}

static void program_check(struct arena *arena, uint64_t seed)
{
    struct random_program program;
    struct found found = {0};
    struct ran ran;
    int wrong = 0;

    random_program_make(arena, seed, FUNCTIONS, &program);
    place_file_write("x.c", program.text);
    ran = run_script(arena, NULL,
                     "\"$ASYNCLINT\" -q --format gcc x.c -- -std=gnu11 "
                     "-I" SOURCE_ROOT "/runtime-sample/include");
    assert_int_equal(ran.status, 1);
    found_read(arena, ran.out, &found);
    for (uint32_t i = 0; i < program.functions.count; i++)
        wrong +=
            function_compare(&program, &program.functions.items[i], &found);
    if (wrong)
        fail_msg("program %d: %d wrong", (int)seed, wrong);
}

static void test_random_programs_are_judged_right(void **state)
{
    const char *wanted = getenv("GENERATED_PROGRAMS");
    int programs = wanted ? atoi(wanted) : PROGRAMS;

    (void)state;
    for (int seed = 1; seed <= programs; seed++) {
        struct arena arena = {0};

        program_check(&arena, (uint64_t)seed);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_programs_are_judged_right,
                                        place_setup, place_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
