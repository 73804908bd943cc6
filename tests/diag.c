/*
 * findings/diag: one order for all, and no finding twice.
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

#include "support/report.h"

/* In the order that is wanted. */
static const struct {
    const char *file;
    uint32_t line;
    uint32_t column;
    const char *rule;
    const char *message;
} ordered[] = {
    {"a.c", 1, 1, "r", "m"},  {"a.c", 1, 1, "r", "n"}, {"a.c", 1, 1, "s", "a"},
    {"a.c", 1, 2, "a", "a"},  {"a.c", 2, 1, "a", "a"}, {"a.c", 10, 1, "a", "a"},
    {"a.c", 10, 9, "a", "a"}, {"b.c", 1, 1, "a", "a"}, {"b.h", 1, 1, "a", "a"},
};

enum { ORDERED = sizeof(ordered) / sizeof(*ordered) };

static void ordered_add(struct report *report, size_t at)
{
    diag_new(report, SEVERITY_WARNING, ordered[at].message);
    report->diag->rule = ordered[at].rule;
    mark_add(report, MARK_PRIMARY, ordered[at].file, ordered[at].line,
             ordered[at].column, 1, NULL);
}

static void ordered_check(const struct diag_list *list)
{
    assert_int_equal(list->items.count, ORDERED);
    for (uint32_t i = 0; i < ORDERED; i++) {
        const struct diag *diag = list->items.items[i];

        assert_string_equal(diag->marks.items[0].span.file, ordered[i].file);
        assert_int_equal(diag->marks.items[0].span.line, ordered[i].line);
        assert_int_equal(diag->marks.items[0].span.column, ordered[i].column);
        assert_string_equal(diag->rule, ordered[i].rule);
        assert_string_equal(diag->message, ordered[i].message);
    }
}

/* Each twice, and from any beginning. */
static void sorted_and_unique(void **state)
{
    (void)state;
    for (size_t first = 0; first < ORDERED; first++) {
        struct report report = {0};

        for (size_t i = 0; i < ORDERED * 2; i++)
            ordered_add(&report, (first + i * 4) % ORDERED);
        diag_list_sort(&report.list);
        diag_list_unique(&report.list);
        ordered_check(&report.list);
        arena_finish(&report.arena);
    }
}

/* The graver one of two, then the one with the shorter path, whoever comes
 * first. */
static void the_one_that_is_kept(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct report report = {0};

        for (int i = 0; i < 2; i++) {
            bool is_long = i == turn;

            ordered_add(&report, 0);
            if (is_long)
                mark_add(&report, MARK_STEP, "a.c", 5, 5, 1, "through");
            ordered_add(&report, 1);
            report.diag->severity = is_long ? SEVERITY_ERROR : SEVERITY_NOTE;
        }
        diag_list_sort(&report.list);
        diag_list_unique(&report.list);
        assert_int_equal(report.list.items.count, 2);
        assert_int_equal(report.list.items.items[0]->marks.count, 1);
        assert_int_equal(report.list.items.items[1]->severity, SEVERITY_ERROR);
        arena_finish(&report.arena);
    }
}

static void note_add(struct report *report, uint32_t line, uint32_t cause,
                     enum severity severity)
{
    diag_new(report, severity, line % 2 ? "odd" : "even");
    report->diag->rule = "r";
    report->diag->cause = (struct span){"c.c", cause, 1, cause, 2};
    mark_add(report, MARK_PRIMARY, "a.c", line, 1, 1, NULL);
}

/* Three notes with one cause are told; of more, the first, which names three.
 * Warnings are always told. */
static void notes_with_one_cause(void **state)
{
    struct report report = {0};
    const struct diag *first;

    (void)state;
    for (uint32_t i = 1; i <= 3; i++)
        note_add(&report, i, 7, SEVERITY_NOTE);
    for (uint32_t i = 11; i <= 15; i++)
        note_add(&report, i, 8, SEVERITY_NOTE);
    for (uint32_t i = 21; i <= 25; i++)
        note_add(&report, i, 9, SEVERITY_WARNING);
    report.list.arena = &report.arena;
    diag_list_sort(&report.list);
    diag_list_fold(&report.list);
    assert_int_equal(report.list.items.count, 3 + 1 + 5);
    first = report.list.items.items[3];
    assert_int_equal(first->marks.items[0].span.line, 11);
    assert_int_equal(first->marks.count, 1 + 3);
    assert_int_equal(first->marks.items[1].span.line, 12);
    assert_string_equal(first->marks.items[1].text, "even");
    assert_string_equal(first->marks.items[3].text,
                        "even, and so it is in 1 more places");
    arena_finish(&report.arena);
}

static void empty_lists_are_fine(void **state)
{
    struct diag_list list = {0};

    (void)state;
    diag_list_sort(&list);
    diag_list_unique(&list);
    diag_list_fold(&list);
    assert_int_equal(list.items.count, 0);
}

static void severities_have_names(void **state)
{
    (void)state;
    assert_string_equal(severity_text(SEVERITY_OFF), "off");
    assert_string_equal(severity_text(SEVERITY_NOTE), "note");
    assert_string_equal(severity_text(SEVERITY_WARNING), "warning");
    assert_string_equal(severity_text(SEVERITY_ERROR), "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_and_unique),
        cmocka_unit_test(the_one_that_is_kept),
        cmocka_unit_test(notes_with_one_cause),
        cmocka_unit_test(empty_lists_are_fine),
        cmocka_unit_test(severities_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
