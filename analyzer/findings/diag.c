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

#include "base/map.h"

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

/* ---- folding */

enum {
    MOST_ALIKE = 3, /* told one by one */
    MOST_NAMED = 3, /* … else, named in the first one */
};

/* Notes with one cause. */
struct group {
    struct diag *first;
    uint32_t count;
    uint32_t named;
};

/* By index in the list, its group, or NULL: it is told by itself. */
static struct group **groups_make(const struct diag_list *list)
{
    struct group **groups =
        arena_array(list->arena, list->items.count, sizeof(*groups));
    struct map by_cause = {.arena = list->arena};
    VEC(struct group *) all = {0};

    for (uint32_t i = 0; i < list->items.count; i++) {
        const struct diag *diag = list->items.items[i];
        const char *key;
        uint32_t at;
        bool is_new;

        if (diag->severity != SEVERITY_NOTE || !diag->cause.file)
            continue;
        key = arena_printf(list->arena, "%s %s:%u:%u", diag->rule,
                           diag->cause.file, diag->cause.line,
                           diag->cause.column);
        at = *map_add_str(&by_cause, key, all.count, &is_new);
        if (is_new)
            vec_add(list->arena, &all,
                    arena_alloc(list->arena, sizeof(struct group)));
        groups[i] = all.items[at];
        groups[i]->count++;
    }
    return groups;
}

static void name_in_first(struct arena *arena, struct group *group,
                          const struct diag *diag)
{
    uint32_t left = group->count - 1 - MOST_NAMED;
    struct mark mark = {MARK_STEP, diag->marks.items[0].span, diag->message};

    if (group->named == MOST_NAMED)
        return;
    group->named++;
    if (group->named == MOST_NAMED && left)
        mark.text = arena_printf(arena, "%s, and so it is in %u more places",
                                 diag->message, left);
    vec_add(arena, &group->first->marks, mark);
}

void diag_list_fold(struct diag_list *list)
{
    struct group **groups = list->items.count ? groups_make(list) : NULL;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->items.count; i++) {
        struct diag *diag = list->items.items[i];
        struct group *group = groups[i];

        if (!group || group->count <= MOST_ALIKE || !group->first) {
            list->items.items[kept++] = diag;
            if (group)
                group->first = diag;
        } else {
            name_in_first(list->arena, group, diag);
        }
    }
    list->items.count = kept;
}
