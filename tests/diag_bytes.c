/*
 * findings/diag_bytes: what is written is read back, and bytes that somebody
 * else wrote do no harm.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "findings/diag_bytes.h"
#include "output/text.h"
#include "support/report.h"

enum { FLIPS = 2000, COUNT = 2 };

static void report_make(struct report *report)
{
    *report = (struct report){.list.arena = NULL};
    diag_new(report, SEVERITY_ERROR, "it is held");
    report->diag->rule = "lock-leak";
    report->diag->help = "give it back";
    mark_add(report, MARK_PRIMARY, "a.c", 3, 5, 4, "here");
    mark_add(report, MARK_ACQUIRED, "b.c", 1, 1, 9, NULL);
    diag_new(report, SEVERITY_NOTE, "");
    report->diag->rule = "unlock-not-held";
    mark_add(report, MARK_PRIMARY, "c.h", UINT32_MAX, 0, 0, "");
}

static struct strbuf bytes_make(struct report *report)
{
    struct strbuf bytes = {.arena = &report->arena};

    report_make(report);
    diag_list_write(&report->list, &bytes);
    return bytes;
}

/* False: the bytes were refused. */
static bool list_read(struct report *read, const char *bytes, size_t length)
{
    struct bytes_reader reader = {bytes, length, &read->arena, false};

    *read = (struct report){0};
    read->list.arena = &read->arena;
    diag_list_read(&read->list, &reader);
    return !reader.is_bad && !reader.left;
}

static void reads_what_was_written(void **state)
{
    struct report report;
    struct report read;
    struct strbuf bytes = bytes_make(&report);
    struct output output = {0};
    char *before;
    char *after;

    (void)state;
    assert_true(list_read(&read, bytes.text, bytes.length));
    assert_int_equal(read.list.items.count, COUNT);
    assert_null(read.list.items.items[0]->marks.items[1].text);
    assert_string_equal(read.list.items.items[1]->marks.items[0].text, "");
    before = printed(&report, output, text_print);
    after = printed(&read, output, text_print);
    assert_string_equal(before, after);
    free(before);
    free(after);
    arena_finish(&read.arena);
    arena_finish(&report.arena);
}

static void ends_too_early(void **state)
{
    struct report report;
    struct strbuf bytes = bytes_make(&report);

    (void)state;
    for (size_t length = 0; length < bytes.length; length++) {
        struct report read;

        assert_false(list_read(&read, bytes.text, length));
        arena_finish(&read.arena);
    }
    arena_finish(&report.arena);
}

/* Whatever is not refused can be printed. */
static void survives_flips(void **state)
{
    struct report report;
    struct strbuf bytes = bytes_make(&report);
    uint32_t random = 1;

    (void)state;
    for (int i = 0; i < FLIPS; i++) {
        struct output output = {0};
        struct report read;
        size_t at;

        random = random * 1664525 + 1013904223;
        at = (random >> 8) % bytes.length;
        bytes.text[at] ^= (char)(1 << (random >> 29));
        if (list_read(&read, bytes.text, bytes.length))
            free(printed(&read, output, text_print));
        arena_finish(&read.arena);
        bytes.text[at] ^= (char)(1 << (random >> 29));
    }
    arena_finish(&report.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(ends_too_early),
        cmocka_unit_test(survives_flips),
    };

    return cmocka_run_group_tests_name("diag_bytes", tests, NULL, NULL);
}
