/*
 * Which packs count in a unit: by the headers that it reads, and by the names
 * that it uses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "model/model_parts.h"

struct counting {
    const struct model *model;
    bool *counts; /* by number of pack */
};

/* Whether what the table has for this name is about this `path`. */
typedef bool matching(const struct candidate *candidate, const char *path);

static void candidate_count(struct counting *counting,
                            const struct candidate *candidate,
                            matching *matches, const char *path)
{
    bool *counts = &counting->counts[candidate->pack];

    *counts = *counts || matches(candidate, path);
}

/* All that a table has for the name, the first `length` bytes of `text`. */
static void all_count(struct counting *counting, int number, const char *text,
                      size_t length, matching *matches, const char *path)
{
    const struct table *table = &counting->model->tables[number];
    const struct candidate *candidates = table->candidates.items;
    const struct patterns *patterns = table_patterns(table, *text);

    for (uint32_t i = table_newest(table, text, length); i;
         i = candidates[i].older)
        candidate_count(counting, &candidates[i], matches, path);
    for (uint32_t i = 0; i < patterns->items.count; i++)
        candidate_count(counting, &candidates[patterns->items.items[i]],
                        matches, path);
}

/* The header is the end of `path`, which may have more parts. */
static bool is_end(const struct candidate *candidate, const char *path)
{
    const char *header = candidate->what;
    size_t more = strlen(path) - strlen(header);

    return str_ends_with(path, header) && (!more || path[more - 1] == '/');
}

/* The header's first part is where `path` begins. */
static bool is_rest(const struct candidate *candidate, const char *path)
{
    return str_matches(candidate->what, path);
}

static bool is_name(const struct candidate *candidate, const char *name)
{
    return str_matches(candidate->name, name);
}

static void name_count(struct counting *counting, const char *name)
{
    all_count(counting, TABLE_USES, name, strlen(name), is_name, name);
}

static void header_count(struct counting *counting, const char *path)
{
    const char *part = path;

    for (const char *end; (end = strchr(part, '/')); part = end + 1)
        all_count(counting, TABLE_FOLDERS, part, (size_t)(end - part), is_rest,
                  part);
    all_count(counting, TABLE_FOLDERS, part, strlen(part), is_rest, part);
    all_count(counting, TABLE_HEADERS, part, strlen(part), is_end, path);
}

/* What a pack says counts, too. */
static void pack_count(struct model_view *view, const struct member *member)
{
    view->packs[view->pack_count++] = member->pack;
    view->allows_local_calls |= member->pack->allows_local_calls;
    for (int i = 0; i < TABLE_COUNT; i++)
        view->tables.has[i] |= member->tables.has[i];
}

const struct model_view *model_view_new(const struct model *model,
                                        const struct ir_unit *unit)
{
    struct arena *arena = model->arena;
    struct model_view *view = arena_alloc(arena, sizeof(*view));
    uint32_t count = model->members.count;
    bool *counts = arena_array(arena, count, sizeof(*counts));
    struct counting counting = {model, counts};

    view->model = model;
    view->counts = counts;
    view->packs = arena_array(arena, count, sizeof(*view->packs));
    for (uint32_t i = 1; i < unit->files.count; i++)
        header_count(&counting, ir_text(unit, unit->files.items[i].path));
    /* An include says what a file is for, even if it leads nowhere. */
    for (uint32_t i = 1; i < unit->missing.count; i++)
        header_count(&counting, ir_text(unit, unit->missing.items[i].name));
    for (uint32_t i = 1; i < unit->symbols.count; i++)
        name_count(&counting, ir_text(unit, unit->symbols.items[i].name));
    for (uint32_t i = 1; i < unit->macros.count; i++)
        name_count(&counting, ir_text(unit, unit->macros.items[i].name));
    for (uint32_t i = 0; i < count; i++) {
        const struct member *member = &model->members.items[i];

        counts[i] = counts[i] || member->is_everywhere;
        if (counts[i])
            pack_count(view, member);
    }
    return view;
}

const struct model_view *model_view_of(struct model *model,
                                       const struct ir_unit *unit)
{
    bool is_new;
    uint32_t at = *map_add(&model->views_of, &unit, sizeof(unit),
                           model->views.count, &is_new);

    if (is_new)
        vec_add(model->arena, &model->views, model_view_new(model, unit));
    return model->views.items[at];
}
