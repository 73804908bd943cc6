/*
 * See report.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void diag_new(struct report *report, enum severity severity,
              const char *message)
{
    struct diag *diag = arena_alloc(&report->arena, sizeof(*diag));

    diag->rule = "some-rule";
    diag->severity = severity;
    diag->message = message;
    vec_add(&report->arena, &report->list.items, diag);
    report->diag = diag;
}

void mark_add(struct report *report, enum mark_role role, const char *file,
              uint32_t line, uint32_t column, uint32_t length, const char *text)
{
    struct mark mark = {
        role, {file, line, column, line, column + length}, text};

    vec_add(&report->arena, &report->diag->marks, mark);
}

char *printed(struct report *report, struct output output, printer print)
{
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;

    output.file = open_memstream(&text, &size);
    assert_non_null(output.file);
    if (!print(&output, &report->list, &err))
        fail_msg("%s", err.text);
    fclose(output.file);
    assert_int_equal(strlen(text), size);
    return text;
}

void prints_as(struct report *report, struct output output, printer print,
               const char *expected)
{
    char *text = printed(report, output, print);

    assert_string_equal(text, expected);
    free(text);
    arena_finish(&report->arena);
}
