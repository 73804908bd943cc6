/*
 * Locks against the order of their declarations, see query_rank.h. A field is
 * known by its record and its name, and what a declaration's words name by the
 * last of them; that is what a reader has, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_rank.h"

#include <string.h>

#include "engine/callee.h"

enum { LONGEST_CHAIN = 8 }; /* of declarations that lead from one to another */

/* `first` is taken before `second`. */
struct rank {
    const char *first;
    const char *second;
};

struct ranks {
    const struct query *query;
    VEC(struct rank) items;
};

/* `t.c:box.lock` without its file. */
static const char *without_file(const char *class)
{
    const char *colon = strrchr(class, ':');

    return colon ? colon + 1 : class;
}

static const char *last_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : name;
}

/* `box.lock` and `box.lock`, or `box.lock` and `lock`. */
static bool is_same(const char *one, const char *two)
{
    if (strchr(one, '.') && strchr(two, '.'))
        return !strcmp(one, two);
    return !strcmp(last_name(one), last_name(two));
}

static void rank_add(struct ranks *ranks, const char *first, const char *second)
{
    struct rank rank = {first, second};

    vec_add(ranks->query->program->arena, &ranks->items, rank);
}

static bool is_marker(const struct model_view *view, enum marker_kind kind,
                      const struct ir_unit *unit, struct ir_list word)
{
    return model_marker_find(view, kind, unit, (struct ir_list){0}, word,
                             NULL) != NULL;
}

/* What one declaration says: each name goes with the marker before it. */
static void words_read(struct ranks *ranks, const struct model_view *view,
                       const struct ir_unit *unit, struct ir_list words,
                       const char *owner)
{
    enum marker_kind kind = MARKER_COUNT;

    for (uint32_t i = 0; i < words.count; i++) {
        struct ir_list one = {words.first + i, 1};
        const char *word = ir_text(unit, ir_list_at(unit, words, i));

        if (is_marker(view, MARKER_BEFORE, unit, one))
            kind = MARKER_BEFORE;
        else if (is_marker(view, MARKER_AFTER, unit, one))
            kind = MARKER_AFTER;
        else if (is_marker(view, MARKER_GUARDED, unit, one) ||
                 is_marker(view, MARKER_POINTEE_GUARDED, unit, one))
            kind = MARKER_COUNT;
        else if (kind == MARKER_BEFORE)
            rank_add(ranks, owner, word);
        else if (kind == MARKER_AFTER)
            rank_add(ranks, word, owner);
    }
}

static void unit_read(struct ranks *ranks, const struct model_view *view,
                      const struct ir_unit *unit)
{
    struct arena *arena = ranks->query->program->arena;

    for (uint32_t i = 1; i < unit->fields.count; i++) {
        const struct ir_field *field = &unit->fields.items[i];

        if (field->words.count)
            words_read(ranks, view, unit, field->words,
                       callee_field_name(arena, unit, field));
    }
    for (uint32_t i = 1; i < unit->symbols.count; i++) {
        const struct ir_symbol *symbol = &unit->symbols.items[i];

        if (symbol->kind == IR_SYMBOL_GLOBAL && symbol->words.count)
            words_read(ranks, view, unit, symbol->words,
                       ir_text(unit, symbol->name));
    }
}

static bool is_before(const struct ranks *ranks, const char *first,
                      const char *second, int depth)
{
    for (uint32_t i = 0; i < ranks->items.count; i++) {
        const struct rank *rank = &ranks->items.items[i];

        if (is_same(rank->first, first) &&
            (is_same(rank->second, second) ||
             (depth > 1 && is_before(ranks, rank->second, second, depth - 1))))
            return true;
    }
    return false;
}

static const struct held *breached(const struct ranks *ranks,
                                   const struct event *event)
{
    const char *inner = without_file(event->lock.class);

    for (uint32_t i = 0; i < event->held.count; i++) {
        const struct held *held = &event->held.items[i];

        if (!held->is_weak && strcmp(held->lock.class, event->lock.class) &&
            is_before(ranks, inner, without_file(held->lock.class),
                      LONGEST_CHAIN))
            return held;
    }
    return NULL;
}

rank_breach_list query_rank_breaches(const struct query *query)
{
    const struct program *program = query->program;
    struct ranks ranks = {.query = query};
    rank_breach_list found = {0};
    const struct ir_unit *read = NULL;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        if (fn->unit != read)
            unit_read(&ranks, fn->view, fn->unit);
        read = fn->unit;
    }
    for (uint32_t i = 0; ranks.items.count && i < program->fns.count; i++) {
        struct rank_breach breach = {.fn = program->fns.items[i]};
        const struct query of_fn = {.fn = breach.fn};

        for_each_event(&of_fn, event, EVENT_ACQUIRE) {
            breach.event = event;
            breach.outer = event->is_try ? NULL : breached(&ranks, event);
            if (breach.outer)
                vec_add(program->arena, &found, breach);
        }
    }
    return found;
}
