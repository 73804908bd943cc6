/*
 * What is kept lies in pieces, one behind the other: a run adds one with what
 * it had to solve, and when there are many, what is still good of all of them
 * is put into one. A piece has the texts, the functions and the shared structs
 * that its records name, then for each record where it is, then the records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept.h"

#include <string.h>

#include "base/bytes.h"
#include "engine/cfg.h"
#include "engine/group.h"
#include "engine/kept_key.h"
#include "engine/kept_shapes.h"
#include "engine/kept_uses.h"
#include "engine/written.h"

enum { MOST_PIECES = 12 };

struct piece_header {
    uint32_t text_size;
    uint32_t fn_count;
    uint32_t shared_count;
    uint32_t shared_size; /* of all of them */
    uint32_t record_count;
    uint32_t record_size;
};

/* A function of a piece: where its texts begin. */
struct fn_name {
    uint32_t usr;
    uint32_t unit;
};

struct record_header {
    uint32_t fn;
    uint32_t length;
    struct digest key;
    struct digest view;
};

struct record {
    const struct shape_source *source; /* of its piece; NULL: there is none */
    struct record_header header;
    const char *bytes;
};

struct kept {
    struct program *program;
    struct kept_keys keys;
    struct record *records; /* by number of the function: the newest */
    const char *bytes;      /* as they were found */
    size_t length;
    bool is_cleaning; /* all that is good is written again */
    /* Of the function that was asked for last. */
    struct digest key;
    bool has_key;
    /* What will be written. */
    struct shape_tables tables;
    struct strbuf out;
    VEC(struct record_header) added;
};

/* ---- what there is */

struct taking {
    const char *at;
    size_t left;
};

static const char *take(struct taking *taking, size_t size)
{
    const char *at = taking->at;

    if (taking->left < size)
        return NULL;
    taking->at += size;
    taking->left -= size;
    return at;
}

/* The function of that name in that unit; NULL: there is none, or several. */
static struct fn *fn_find(const struct program *program, const char *usr,
                          const char *path)
{
    const uint32_t *at = map_find_str(&program->by_usr, usr);
    struct fn *found = NULL;

    for (struct fn *fn = at ? program->fns.items[*at] : NULL; fn;
         fn = fn->same_name) {
        if (strcmp(program->units.items[fn->unit_number].path, path) != 0)
            continue;
        if (found)
            return NULL;
        found = fn;
    }
    return found;
}

static bool fns_find(struct kept *kept, struct shape_source *source,
                     const char *names)
{
    struct fn_name name;

    source->fns = arena_array(kept->program->arena, source->fn_count,
                              sizeof(struct fn *));
    for (uint32_t i = 0; i < source->fn_count; i++) {
        memcpy(&name, names + i * sizeof(name), sizeof(name));
        if (name.usr >= source->text_size || name.unit >= source->text_size)
            return false;
        source->fns[i] = fn_find(kept->program, source->texts + name.usr,
                                 source->texts + name.unit);
    }
    return true;
}

/* They are made when somebody asks for them. */
static bool shared_find(struct kept *kept, struct shape_source *source,
                        const struct piece_header *header,
                        struct taking *taking)
{
    uint32_t count = header->shared_count;
    uint32_t last = 0;

    source->shared_ends = take(taking, count * sizeof(last));
    source->shared_bytes = take(taking, header->shared_size);
    if (!source->shared_ends || !source->shared_bytes)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end;

        memcpy(&end, source->shared_ends + i * sizeof(end), sizeof(end));
        if (end < last || end > header->shared_size)
            return false;
        last = end;
    }
    source->shared =
        arena_array(kept->program->arena, count, sizeof(*source->shared));
    source->shared_count = count;
    return true;
}

static bool records_find(struct kept *kept, const struct shape_source *source,
                         const char *headers, uint32_t count,
                         struct taking *bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        struct record record = {.source = source};
        const struct fn *fn;

        memcpy(&record.header, headers + i * sizeof(record.header),
               sizeof(record.header));
        record.bytes = take(bytes, record.header.length);
        if (!record.bytes || record.header.fn >= source->fn_count)
            return false;
        fn = source->fns[record.header.fn];
        if (fn)
            kept->records[fn->number] = record;
    }
    return !bytes->left;
}

static bool piece_find(struct kept *kept, struct taking *taking)
{
    struct shape_source *source =
        arena_alloc(kept->program->arena, sizeof(*source));
    const char *start = take(taking, sizeof(struct piece_header));
    struct piece_header header;
    struct taking bytes;
    const char *names;
    const char *headers;

    if (!start)
        return false;
    memcpy(&header, start, sizeof(header));
    source->texts = take(taking, header.text_size);
    source->text_size = header.text_size;
    source->fn_count = header.fn_count;
    names = take(taking, header.fn_count * sizeof(struct fn_name));
    if (!source->texts || !names || !shared_find(kept, source, &header, taking))
        return false;
    headers = take(taking, header.record_count * sizeof(struct record_header));
    bytes =
        (struct taking){take(taking, header.record_size), header.record_size};
    return headers && bytes.at &&
           (!source->text_size || !source->texts[source->text_size - 1]) &&
           fns_find(kept, source, names) &&
           records_find(kept, source, headers, header.record_count, &bytes);
}

/* Whatever is damaged, all of it is as good as none. */
static void pieces_find(struct kept *kept)
{
    struct taking taking = {kept->bytes, kept->length};
    uint32_t count = 0;

    while (taking.left && piece_find(kept, &taking))
        count++;
    if (taking.left) {
        memset(kept->records, 0,
               kept->program->fns.count * sizeof(*kept->records));
        kept->length = 0;
    }
    kept->is_cleaning = count >= MOST_PIECES;
}

struct kept *kept_new(struct program *program, const char *bytes, size_t length)
{
    struct kept *kept = arena_alloc(program->arena, sizeof(*kept));

    kept->program = program;
    kept->bytes = bytes;
    kept->length = length;
    kept->records =
        arena_array(program->arena, program->fns.count, sizeof(*kept->records));
    kept->out.arena = program->arena;
    kept_keys_init(&kept->keys, program);
    shape_tables_init(&kept->tables, program->arena);
    pieces_find(kept);
    return kept;
}

/* ---- effects */

/* Of what a callee told, `op` is one of its own, and nobody looks at it. */
static void effect_write(struct shape_writer *writer,
                         const struct lock_effect *effect)
{
    struct lock_effect own = *effect;

    if (own.lock.taken_in)
        own.op = 0;
    shape_write(writer, &shape_lock_effect, &own);
}

static void effects_write(struct shape_writer *writer)
{
    const struct lock_effects *effects = &writer->fn->summary.locks;

    shape_number_write(writer, effects->items.count);
    for (uint32_t i = 0; i < effects->items.count; i++)
        effect_write(writer, effects->items.items[i]);
}

/* Nobody changes an effect that is there, as functions share them. */
static void effects_read(struct shape_reader *reader,
                         struct lock_effects *effects)
{
    uint32_t count = shape_count_read(reader);

    effects->items.items =
        arena_array(reader->arena, count, sizeof(struct lock_effect *));
    effects->items.count = effects->items.capacity = count;
    for (uint32_t i = 0; i < count && !reader->is_bad; i++)
        effects->items.items[i] =
            (struct lock_effect *)(uintptr_t)shape_pointed_read(
                reader, &shape_lock_effect);
}

/* ---- who writes what: asked while the function was solved, so what was
 * answered is no part of the key */

static void answers_write(const struct kept *kept, struct shape_writer *writer)
{
    const written_answers *asked = written_asked(kept->program);

    shape_number_write(writer, asked->count);
    for (uint32_t i = 0; i < asked->count; i++) {
        writer->is_unfit |= asked->items[i].fn != writer->fn;
        shape_text_write(writer, asked->items[i].name);
        shape_number_write(writer, asked->items[i].is_written);
    }
}

/* They still have to be the same. */
static void answers_read(struct kept *kept, struct shape_reader *reader)
{
    uint32_t count = shape_count_read(reader);

    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        const char *name = shape_text_read(reader);
        uint64_t is_written = shape_number_read(reader);

        reader->is_bad |=
            written_in(kept->program, name, reader->fn) != is_written;
    }
}

/* ---- functions */

/* For those that are told it of a whole group of functions. What the function
 * does to locks was not known before. */
static bool is_news(const struct summary *known, const struct summary *found)
{
    const struct lock_effects *locks = &found->locks;

    return known->suspends != found->suspends ||
           known->blocks != found->blocks ||
           known->suspends_outside != found->suspends_outside ||
           known->never_returns != found->never_returns ||
           !str_is_same(known->blocks_why, found->blocks_why) ||
           locks->items.count || locks->leaves_some || locks->gives_some;
}

static bool record_read(struct kept *kept, const struct record *record,
                        struct fn *fn)
{
    const unsigned char *bytes = (const unsigned char *)record->bytes;
    struct shape_reader reader = {
        .at = bytes,
        .end = bytes + record->header.length,
        .fn = fn,
        .arena = kept->program->arena,
        .source = record->source,
    };
    struct fn found = {0};
    struct uses *uses;

    shape_read(&reader, &shape_solved, &found);
    effects_read(&reader, &found.summary.locks);
    answers_read(kept, &reader);
    uses = reader.is_bad ? NULL : kept_uses_read(kept->program, fn, &reader);
    if (reader.is_bad || reader.at != reader.end)
        return false;
    if (is_news(&fn->summary, &found.summary))
        group_member_changed(fn);
    fn->summary = found.summary;
    fn->events = found.events;
    fn->is_bounded = found.is_bounded;
    fn->uses = uses;
    memcpy(&fn->nestings, &found.nestings, sizeof(fn->nestings));
    memcpy(&fn->sections, &found.sections, sizeof(fn->sections));
    return true;
}

static void record_write(struct kept *kept, const struct fn *fn,
                         struct digest view)
{
    struct shape_writer writer = {
        .out = &kept->out, .fn = fn, .tables = &kept->tables};
    struct record_header header = {.key = kept->key, .view = view};
    size_t start = kept->out.length;

    shape_write(&writer, &shape_solved, fn);
    effects_write(&writer);
    answers_write(kept, &writer);
    kept_uses_write(kept->program, &writer);
    header.length = (uint32_t)(kept->out.length - start);
    header.fn = shape_tables_fn(&kept->tables, fn);
    if (writer.is_unfit)
        kept->out.length = start;
    else
        vec_add(kept->program->arena, &kept->added, header);
}

bool kept_find(struct kept *kept, struct fn *fn)
{
    const struct record *record = &kept->records[fn->number];
    struct kept_view *view = &kept->keys.views[fn->number];

    written_forget(kept->program);
    kept->has_key = kept_key(&kept->keys, fn, &kept->key);
    if (!kept->has_key || !record->source ||
        !digest_is_same(record->header.key, kept->key) ||
        !record_read(kept, record, fn))
        return false;
    if (!fn->cfg)
        fn->cfg = cfg_build(fn, kept->program->arena);
    *view = (struct kept_view){true, record->header.view};
    if (kept->is_cleaning)
        record_write(kept, fn, view->digest);
    return true;
}

void kept_add(struct kept *kept, struct fn *fn)
{
    struct kept_keys *keys = &kept->keys;
    struct digest view = kept_view_make(keys, fn);

    keys->views[fn->number].is_known = true;
    if (kept->has_key && !fn->hands_recursive &&
        keys->recursive_count == kept->program->recursive.entries.count)
        record_write(kept, fn, view);
}

/* ---- for the next run */

static void fn_names_write(struct kept *kept, struct strbuf *out)
{
    struct shape_tables *tables = &kept->tables;

    for (uint32_t i = 0; i < tables->fns.count; i++) {
        const struct fn *fn = tables->fns.items[i];
        struct fn_name name = {
            .usr =
                shape_tables_text(tables, ir_text(fn->unit, fn->symbol->usr)),
            .unit = shape_tables_text(
                tables, kept->program->units.items[fn->unit_number].path),
        };

        strbuf_add_bytes(out, (const char *)&name, sizeof(name));
    }
}

static void shared_write(const struct map *shared, struct strbuf *ends,
                         struct strbuf *each)
{
    for (uint32_t i = 0; i < shared->entries.count; i++) {
        const struct map_entry *entry = &shared->entries.items[i];

        strbuf_add_bytes(each, entry->key, entry->length);
        bytes_add_number(ends, (uint32_t)each->length);
    }
}

bool kept_write(struct kept *kept, struct strbuf *out)
{
    const struct map *shared = &kept->tables.shared;
    struct strbuf names = {.arena = out->arena};
    struct strbuf ends = {.arena = out->arena};
    struct strbuf each = {.arena = out->arena};
    struct piece_header header = {
        .record_count = kept->added.count,
        .record_size = (uint32_t)kept->out.length,
    };

    if (!kept->added.count || kept->out.length > UINT32_MAX)
        return false;
    fn_names_write(kept, &names);
    shared_write(shared, &ends, &each);
    header.text_size = (uint32_t)kept->tables.texts.length;
    header.fn_count = kept->tables.fns.count;
    header.shared_count = shared->entries.count;
    header.shared_size = (uint32_t)each.length;
    if (!kept->is_cleaning)
        strbuf_add_bytes(out, kept->bytes, kept->length);
    strbuf_add_bytes(out, (const char *)&header, sizeof(header));
    strbuf_add_bytes(out, kept->tables.texts.text, kept->tables.texts.length);
    strbuf_add_bytes(out, names.text, names.length);
    strbuf_add_bytes(out, ends.text, ends.length);
    strbuf_add_bytes(out, each.text, each.length);
    strbuf_add_bytes(out, (const char *)kept->added.items,
                     kept->added.count * sizeof(*kept->added.items));
    strbuf_add_bytes(out, kept->out.text, kept->out.length);
    return true;
}
