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
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "base/yaml_flat.h"
#include "model/model_parts.h"
#include "model/pack_read.h"
#include "model/pack_sources.h"
#include "model/pack_value.h"

struct model *model_new(struct arena *arena)
{
    struct model *model = arena_alloc(arena, sizeof(*model));
    struct candidate none = {0};

    model->arena = arena;
    model->views_of.arena = arena;
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

uint32_t table_newest(const struct table *table, const char *name,
                      size_t length)
{
    const uint32_t *newest;

    /* Most that are looked up are none. */
    if (!table->lengths ||
        !(table->lengths[(unsigned char)*name] & length_bit(length)))
        return 0;
    newest = map_find(&table->names, name, length);
    return newest ? *newest : 0;
}

static char last_letter(const char *name)
{
    return *name ? name[strlen(name) - 1] : '\0';
}

static void candidate_add(struct model *model, const struct pack_entry *entry)
{
    struct table *table = &model->tables[entry->table];
    struct member *member = vec_last(&model->members);
    uint32_t number = table->candidates.count;
    struct candidate candidate = {
        .name = entry->name,
        .what = entry->what,
        .pack = model->members.count - 1,
        .last = last_letter(entry->name),
    };
    uint32_t *newest;
    bool is_new;

    member->tables.has[entry->table] = true;
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

static void content_add(struct model *model, const struct pack_content *content)
{
    struct member member = {
        .pack = content->pack,
        .is_everywhere = !content->has_headers,
    };

    vec_add(model->arena, &model->members, member);
    for (uint32_t i = 0; i < content->entries.count; i++)
        candidate_add(model, &content->entries.items[i]);
}

bool model_pack_add(struct model *model, const char *file, const char *text,
                    size_t length, struct err *err)
{
    struct pack_content content = {0};
    struct yaml_node *root;

    if (!yaml_text_read(model->arena, file, text, length, &root, err) ||
        !pack_read(model->arena, root, &content, err))
        return false;
    content_add(model, &content);
    return true;
}

bool model_pack_open(struct model *model, const char *path, struct arena *arena,
                     struct err *err)
{
    struct file_bytes pack;

    if (!file_read(AT_FDCWD, path, 0, arena, &pack))
        return err_set(err, "can't open pack '%s': %s", path, file_reason());
    return model_pack_add(model, path, pack.bytes, pack.length, err);
}

/* Those that count everywhere come first, so that a runtime may say otherwise:
 * with libfiber's shims, read suspends. */
bool model_shipped_add(struct model *model, struct err *err)
{
    struct pack_content *contents =
        arena_array(model->arena, (size_t)pack_source_count, sizeof(*contents));

    for (int i = 0; i < pack_source_count; i++) {
        if (!pack_read(model->arena,
                       yaml_flat_read(model->arena, pack_sources[i].name,
                                      pack_sources[i].tree),
                       &contents[i], err))
            return false;
        if (!contents[i].has_headers)
            content_add(model, &contents[i]);
    }
    for (int i = 0; i < pack_source_count; i++)
        if (contents[i].has_headers)
            content_add(model, &contents[i]);
    return true;
}

/* An exact name wins, then the longest pattern, then the later pack. */
static const struct candidate *candidate_find(const struct model_view *view,
                                              int number, const char *name)
{
    const struct table *table = &view->model->tables[number];
    const struct candidate *candidates = table->candidates.items;
    const struct patterns *patterns = table_patterns(table, *name);
    size_t length = strlen(name);

    if (!view->tables.has[number] || !length)
        return NULL;
    for (uint32_t i = table_newest(table, name, length); i;
         i = candidates[i].older) {
        if (view->counts[candidates[i].pack])
            return &candidates[i];
    }
    for (uint32_t i = 0; i < patterns->items.count; i++) {
        const struct candidate *candidate =
            &candidates[patterns->items.items[i]];

        if (view->counts[candidate->pack] &&
            candidate_may_match(candidate, name[length - 1]) &&
            str_matches(candidate->name, name))
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

/* What a function returns a pointer to. */
static const struct pack *result_find(const struct model_view *view, int table,
                                      const struct ir_unit *unit, ir_id id)
{
    const struct ir_type *type = ir_type_strip(unit, id);

    if (type->kind != IR_TYPE_FUNCTION)
        return NULL;
    type = ir_type_strip(unit, type->of);
    if (type->kind != IR_TYPE_POINTER)
        return NULL;
    type = ir_type_strip(unit, type->of);
    if (type->kind != IR_TYPE_RECORD)
        return NULL;
    return what_find(
        view, table,
        pack_tag_skip(ir_text(unit, unit->records.items[type->of].name)));
}

const struct pack *model_symbol_marker(const struct model_view *view,
                                       enum marker_kind marker,
                                       const struct ir_unit *unit,
                                       const struct ir_symbol *symbol)
{
    const struct pack *pack =
        model_marker_find(view, marker, unit, symbol->annotations,
                          symbol->words, ir_text(unit, symbol->name));

    return pack ? pack
                : result_find(view, table_of_marker(marker, SIGN_RESULT), unit,
                              symbol->type);
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

const char *model_handed_to(const struct model_view *view, const char *field)
{
    return what_find(view, TABLE_HANDED, pack_tag_skip(field));
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
