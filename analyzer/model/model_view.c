/*
 * Which packs count in a unit: by the headers that it reads, and by the names
 * that it uses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "model/model_parts.h"

/* Whether `header` is the end of the path, from a `/` on; `*` matches. */
static bool header_matches(const char *header, const char *path)
{
    /* This is asked for each file of each unit: first the quick answer. */
    if (!strchr(header, '*') && !str_ends_with(path, header))
        return false;
    for (;;) {
        if (str_matches(header, path))
            return true;
        path = strchr(path, '/');
        if (!path)
            return false;
        path++;
    }
}

static bool has_header(const struct member *member, const char *path)
{
    for (uint32_t i = 0; i < member->header_count; i++)
        if (header_matches(member->headers[i], path))
            return true;
    return false;
}

/* Which packs are for this header. */
static const bool *header_packs(struct model *model, const char *path)
{
    uint32_t count = model->members.count;
    bool *packs;
    bool is_new;
    uint32_t index;

    if (model->found_for != count) {
        model->headers = (struct map){.arena = model->arena};
        model->found.count = 0;
        model->found_for = count;
    }
    index = *map_add_str(&model->headers, path, model->found.count, &is_new);
    if (!is_new)
        return model->found.items[index];
    packs = arena_array(model->arena, count, sizeof(*packs));
    for (uint32_t i = 0; i < count; i++)
        packs[i] = has_header(&model->members.items[i], path);
    vec_add(model->arena, &model->found, packs);
    return packs;
}

static void headers_count(struct model *model, const char *path, bool *counts)
{
    const bool *packs = header_packs(model, path);

    for (uint32_t i = 0; i < model->members.count; i++)
        counts[i] |= packs[i];
}

static void letter_count(const struct model *model, uint32_t letter,
                         const char *name, bool *counts)
{
    for (uint32_t i = 0; i < model->names[letter].count; i++) {
        const struct member_name *known = &model->names[letter].items[i];

        if (!counts[known->member] && str_matches(known->name, name))
            counts[known->member] = true;
    }
}

static void name_count(const struct model *model, const char *name,
                       bool *counts)
{
    letter_count(model, (unsigned char)*name, name, counts);
    letter_count(model, UCHAR_MAX + 1, name, counts);
}

const struct model_view *model_view_new(struct model *model,
                                        const struct ir_unit *unit,
                                        struct arena *arena)
{
    struct model_view *view = arena_alloc(arena, sizeof(*view));
    uint32_t count = model->members.count;
    bool *counts = arena_array(arena, count, sizeof(*counts));

    view->model = model;
    view->counts = counts;
    view->packs = arena_array(arena, count, sizeof(*view->packs));
    for (uint32_t i = 1; i < unit->files.count; i++)
        headers_count(model, ir_text(unit, unit->files.items[i].path), counts);
    /* An include says what a file is for, even if it leads nowhere. */
    for (uint32_t i = 1; i < unit->missing.count; i++)
        headers_count(model, ir_text(unit, unit->missing.items[i].name),
                      counts);
    for (uint32_t i = 1; i < unit->symbols.count; i++)
        name_count(model, ir_text(unit, unit->symbols.items[i].name), counts);
    for (uint32_t i = 1; i < unit->macros.count; i++)
        name_count(model, ir_text(unit, unit->macros.items[i].name), counts);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *member = &model->members.items[i];

        counts[i] = counts[i] || member->header_count == 0;
        if (!counts[i])
            continue;
        view->packs[view->pack_count++] = member->pack;
        view->allows_local_calls |= member->pack->allows_local_calls;
    }
    return view;
}
