/*
 * The order of diagnostics, see diag.h. Beyond what diag.h promises, the
 * severity and the marks decide: two units may tell the same finding in a
 * header with different paths to it, and which of them is kept must not
 * depend on who was first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/diag.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *severity_text(enum severity severity)
{
    static const char *const texts[] = {"off", "note", "warning", "error"};

    assert(severity <= SEVERITY_ERROR);
    return texts[severity];
}

static int number_compare(uint32_t left, uint32_t right)
{
    return (left > right) - (left < right);
}

static int text_compare(const char *left, const char *right)
{
    return strcmp(left ? left : "", right ? right : "");
}

static int span_start_compare(const struct span *left, const struct span *right)
{
    int order = text_compare(left->file, right->file);

    if (!order)
        order = number_compare(left->line, right->line);
    if (!order)
        order = number_compare(left->column, right->column);
    return order;
}

static int span_compare(const struct span *left, const struct span *right)
{
    int order = span_start_compare(left, right);

    if (!order)
        order = number_compare(left->end_line, right->end_line);
    if (!order)
        order = number_compare(left->end_column, right->end_column);
    return order;
}

/* Zero for what a reader would call the same finding. */
static int finding_compare(const struct diag *left, const struct diag *right)
{
    int order;

    assert(left->marks.count > 0 && right->marks.count > 0);
    order = span_start_compare(&left->marks.items[0].span,
                               &right->marks.items[0].span);
    if (!order)
        order = text_compare(left->rule, right->rule);
    if (!order)
        order = text_compare(left->message, right->message);
    return order;
}

/* The shorter story first: it is the easier one to read. */
static int marks_compare(const struct diag *left, const struct diag *right)
{
    int order = number_compare(left->marks.count, right->marks.count);

    for (uint32_t i = 0; !order && i < left->marks.count; i++) {
        const struct mark *one = &left->marks.items[i];
        const struct mark *two = &right->marks.items[i];

        order = span_compare(&one->span, &two->span);
        if (!order)
            order = number_compare(one->role, two->role);
        if (!order)
            order = text_compare(one->text, two->text);
    }
    return order;
}

static int diag_compare(const void *one, const void *two)
{
    const struct diag *left = *(const struct diag *const *)one;
    const struct diag *right = *(const struct diag *const *)two;
    int order = finding_compare(left, right);

    if (!order) /* the graver one first, so that it is the one kept */
        order = number_compare(right->severity, left->severity);
    if (!order)
        order = marks_compare(left, right);
    if (!order)
        order = span_compare(&left->held, &right->held);
    if (!order)
        order = text_compare(left->why, right->why);
    if (!order)
        order = text_compare(left->help, right->help);
    return order;
}

void diag_list_sort(struct diag_list *list)
{
    if (list->items.count > 1)
        qsort(list->items.items, list->items.count, sizeof(*list->items.items),
              diag_compare);
}

void diag_list_unique(struct diag_list *list)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->items.count; i++) {
        struct diag *diag = list->items.items[i];

        if (kept && !finding_compare(list->items.items[kept - 1], diag))
            continue;
        list->items.items[kept++] = diag;
    }
    list->items.count = kept;
}
