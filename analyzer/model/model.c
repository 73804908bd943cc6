/*
 * The model is a set of tables of names, one for each kind of question (see
 * pack_read.h). A name may have entries from several packs: they are chained,
 * the newest first, and a view takes the first whose pack counts in it. So a
 * view is a row of booleans, cheap to make for every unit, and a question is
 * one look into a hash map.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/model.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "model/pack_read.h"
#include "model/pack_sources.h"
#include "model/pack_value.h"

/* What one pack says about a name. Number 0 is not used: it ends chains. */
struct candidate {
    const char *name;
    const void *what;
    uint32_t pack;
    uint32_t older; /* the next one of the same name */
};

/* The longest first, then the newest. */
struct patterns {
    VEC(uint32_t) items; /* numbers of candidates */
};

struct table {
    struct map names; /* without `*`, to the newest candidate */
    /* By the first letter, a bit for each length (beyond 63 they come again):
     * hardly any name that is looked up is one of them. NULL: there is none. */
    uint64_t *lengths;
    VEC(struct candidate) candidates;
    /* By the first letter of the names that they may match: most names are
     * looked up in vain, in tables with many patterns. NULL: it has none. */
    struct patterns *patterns;
};

/* A pack and where it counts. */
struct member {
    const struct pack *pack;
    const char **headers;
    uint32_t header_count;
};

/* Whoever uses such a name (it may have stars) is one of the pack's. */
struct member_name {
    const char *name;
    uint32_t member;
};

struct model {
    struct arena *arena;
    struct table tables[TABLE_COUNT];
    VEC(struct member) members;
    /* By the first letter, behind all letters those that begin with a star:
     * each name of each unit is looked up, and hardly any is found. */
    VEC(struct member_name) names[UCHAR_MAX + 2];
    /* Most units read the same headers: which packs are for a header is found
     * out once. By the header's path, an array as long as the members. */
    struct map headers;
    VEC(const bool *) found;
    uint32_t found_for; /* so many members */
};

struct model_view {
    const struct model *model;
    const bool *counts; /* by number of pack */
    const struct pack **packs;
    int pack_count;
    bool allows_local_calls; /* one of the packs does */
};

struct model *model_new(struct arena *arena)
{
    struct model *model = arena_alloc(arena, sizeof(*model));
    struct candidate none = {0};

    model->arena = arena;
    for (int i = 0; i < TABLE_COUNT; i++) {
        model->tables[i].names.arena = arena;
        vec_add(arena, &model->tables[i].candidates, none);
    }
    return model;
}

/* Stars count too: any order will do for them that is always the same. */
static void pattern_insert(struct arena *arena, const struct table *table,
                           struct patterns *patterns, uint32_t added)
{
    size_t length = strlen(table->candidates.items[added].name);
    uint32_t at;

    vec_add(arena, &patterns->items, added);
    for (at = patterns->items.count - 1; at > 0; at--) {
        uint32_t before = patterns->items.items[at - 1];

        if (strlen(table->candidates.items[before].name) > length)
            break;
        patterns->items.items[at] = before;
    }
    patterns->items.items[at] = added;
}

static void pattern_add(struct arena *arena, struct table *table,
                        uint32_t added)
{
    unsigned char first = (unsigned char)*table->candidates.items[added].name;

    if (!table->patterns)
        table->patterns =
            arena_array(arena, UCHAR_MAX + 1, sizeof(*table->patterns));
    if (first != '*') {
        pattern_insert(arena, table, &table->patterns[first], added);
        return;
    }
    for (int i = 0; i <= UCHAR_MAX; i++)
        pattern_insert(arena, table, &table->patterns[i], added);
}

static uint64_t length_bit(size_t length)
{
    return 1ull << length % 64;
}

static uint32_t *name_add(struct arena *arena, struct table *table,
                          const char *name, uint32_t number, bool *is_new)
{
    if (!table->lengths)
        table->lengths =
            arena_array(arena, UCHAR_MAX + 1, sizeof(*table->lengths));
    table->lengths[(unsigned char)*name] |= length_bit(strlen(name));
    return map_add_str(&table->names, name, number, is_new);
}

static const uint32_t *name_find(const struct table *table, const char *name)
{
    size_t length = strlen(name);

    if (!table->lengths ||
        !(table->lengths[(unsigned char)*name] & length_bit(length)))
        return NULL;
    return map_find(&table->names, name, length);
}

static void candidate_add(struct model *model, const struct pack_entry *entry)
{
    struct table *table = &model->tables[entry->table];
    uint32_t number = table->candidates.count;
    struct candidate candidate = {.name = entry->name,
                                  .what = entry->what,
                                  .pack = model->members.count - 1};
    uint32_t *newest;
    bool is_new;

    if (strchr(entry->name, '*')) {
        vec_add(model->arena, &table->candidates, candidate);
        pattern_add(model->arena, table, number);
        return;
    }
    newest = name_add(model->arena, table, entry->name, number, &is_new);
    candidate.older = is_new ? 0 : *newest;
    *newest = number;
    vec_add(model->arena, &table->candidates, candidate);
}

static void names_add(struct model *model, const struct pack_content *content)
{
    for (uint32_t i = 0; i < content->names.count; i++) {
        struct member_name name = {content->names.items[i],
                                   model->members.count};
        unsigned char first = (unsigned char)*name.name;

        vec_add(model->arena,
                &model->names[first == '*' ? UCHAR_MAX + 1 : first], name);
    }
}

static void content_add(struct model *model, const struct pack_content *content)
{
    struct member member = {
        .pack = content->pack,
        .headers = content->headers.items,
        .header_count = content->headers.count,
    };

    names_add(model, content);
    vec_add(model->arena, &model->members, member);
    for (uint32_t i = 0; i < content->entries.count; i++)
        candidate_add(model, &content->entries.items[i]);
}

bool model_pack_add(struct model *model, const char *file, const char *text,
                    size_t length, struct err *err)
{
    struct pack_content content = {0};

    if (!pack_read(model->arena, file, text, length, &content, err))
        return false;
    content_add(model, &content);
    return true;
}

bool model_pack_open(struct model *model, const char *path, struct arena *arena,
                     struct err *err)
{
    struct file_bytes pack;

    if (!file_read(AT_FDCWD, path, 0, arena, &pack))
        return err_set(err, "can't open pack '%s': %s", path, strerror(errno));
    return model_pack_add(model, path, pack.bytes, pack.length, err);
}

/* Those that count everywhere come first, so that a runtime may say otherwise:
 * with libfiber's shims, read suspends. */
bool model_shipped_add(struct model *model, struct err *err)
{
    struct pack_content *contents =
        arena_array(model->arena, (size_t)pack_source_count, sizeof(*contents));

    for (int i = 0; i < pack_source_count; i++) {
        if (!pack_read(model->arena, pack_sources[i].name, pack_sources[i].text,
                       pack_sources[i].length, &contents[i], err))
            return false;
        if (!contents[i].headers.count)
            content_add(model, &contents[i]);
    }
    for (int i = 0; i < pack_source_count; i++)
        if (contents[i].headers.count)
            content_add(model, &contents[i]);
    return true;
}

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

/* An exact name wins, then the longest pattern, then the later pack. */
static const struct candidate *candidate_find(const struct model_view *view,
                                              int number, const char *name)
{
    const struct table *table = &view->model->tables[number];
    const struct candidate *candidates = table->candidates.items;
    const uint32_t *newest = name_find(table, name);
    const struct patterns *patterns;

    for (uint32_t i = newest ? *newest : 0; i; i = candidates[i].older) {
        if (view->counts[candidates[i].pack])
            return &candidates[i];
    }
    if (!table->patterns)
        return NULL;
    patterns = &table->patterns[(unsigned char)*name];
    for (uint32_t i = 0; i < patterns->items.count; i++) {
        const struct candidate *candidate =
            &candidates[patterns->items.items[i]];

        if (view->counts[candidate->pack] && str_matches(candidate->name, name))
            return candidate;
    }
    return NULL;
}

static const void *what_find(const struct model_view *view, int table,
                             const char *name)
{
    const struct candidate *found = candidate_find(view, table, name);

    return found ? found->what : NULL;
}

static const struct meaning *local_pick(const struct model_view *view,
                                        const struct meaning *meaning)
{
    return meaning && meaning->as_local && view->allows_local_calls
               ? meaning->as_local
               : meaning;
}

const struct meaning *model_function_find(const struct model_view *view,
                                          const char *name)
{
    const struct meaning *meaning = what_find(view, TABLE_FUNCTIONS, name);

    /* A macro whose header is missing, or which is a function here. */
    if (!meaning) {
        meaning = what_find(view, TABLE_MACROS, name);
        if (meaning && meaning->is_block)
            return NULL;
    }
    return local_pick(view, meaning);
}

const struct meaning *model_macro_find(const struct model_view *view,
                                       const char *name)
{
    return local_pick(view, what_find(view, TABLE_MACROS, name));
}

const char *model_instead_find(const struct model_view *view,
                               const struct meaning *meaning)
{
    const struct candidate *found =
        candidate_find(view, TABLE_INSTEAD, meaning->name);

    /* What is said of all that blocks gives way to what one says of itself. */
    if (found && !strcmp(found->name, "*") &&
        (meaning->instead || !meaning->blocks))
        found = NULL;
    return found ? found->what : meaning->instead;
}

static const struct pack *sign_find(const struct model_view *view, int table,
                                    const struct ir_unit *unit,
                                    struct ir_list list)
{
    for (uint32_t i = 0; i < list.count; i++) {
        ir_str text = ir_list_at(unit, list, i);
        const struct pack *pack = what_find(view, table, ir_text(unit, text));

        if (pack)
            return pack;
    }
    return NULL;
}

const struct pack *model_marker_find(const struct model_view *view,
                                     enum marker_kind marker,
                                     const struct ir_unit *unit,
                                     struct ir_list annotations,
                                     struct ir_list words, const char *name)
{
    const struct pack *pack;

    assert(marker < MARKER_COUNT);
    pack = sign_find(view, table_of_marker(marker, SIGN_ANNOTATION), unit,
                     annotations);
    if (!pack)
        pack = sign_find(view, table_of_marker(marker, SIGN_WORD), unit, words);
    if (!pack && name)
        /* A field may be asked for as `struct ops.flush` too. */
        pack = what_find(view, table_of_marker(marker, SIGN_NAME),
                         pack_tag_skip(name));
    return pack;
}

const struct pack *model_symbol_marker(const struct model_view *view,
                                       enum marker_kind marker,
                                       const struct ir_unit *unit,
                                       const struct ir_symbol *symbol)
{
    return model_marker_find(view, marker, unit, symbol->annotations,
                             symbol->words, ir_text(unit, symbol->name));
}

const struct pack *model_await_word(const struct model_view *view,
                                    const char *word)
{
    return what_find(view, table_of_marker(MARKER_AWAIT, SIGN_WORD), word);
}

const struct place *model_called_under(const struct model_view *view,
                                       const char *field)
{
    return what_find(view, TABLE_UNDER, pack_tag_skip(field));
}

const char *model_spared_by(const struct model_view *view, const char *field)
{
    return what_find(view, TABLE_SPARED, pack_tag_skip(field));
}

const char *model_marker_word(const struct model_view *view,
                              enum marker_kind marker, const struct pack *pack)
{
    const struct table *table =
        &view->model->tables[table_of_marker(marker, SIGN_WORD)];

    for (uint32_t i = 1; i < table->candidates.count; i++)
        if (table->candidates.items[i].what == pack &&
            !strchr(table->candidates.items[i].name, '*'))
            return table->candidates.items[i].name;
    return NULL;
}

const struct type_meaning *model_type_find(const struct model_view *view,
                                           const char *name)
{
    return what_find(view, TABLE_TYPES, name);
}

const struct pack *const *model_packs(const struct model_view *view, int *count)
{
    *count = view->pack_count;
    return (const struct pack *const *)view->packs;
}
