/*
 * What is kept lies in pieces, one behind the other: a run adds one with what
 * it had to solve, and when there are many, what is still good of all of them
 * is put into one. A piece has the texts and the functions that its records
 * name, then for each record where it is, then the records.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept.h"

#include <string.h>

#include "engine/callee.h"
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
    uint32_t record_count;
    uint32_t record_size; /* of all of them */
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

struct piece {
    const char *texts;
    uint32_t text_size;
    struct fn **fns;
    uint32_t fn_count;
};

struct record {
    const struct piece *piece; /* NULL: there is none */
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
    uint32_t asked;
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

static bool fns_find(struct kept *kept, struct piece *piece, const char *names)
{
    struct fn_name name;

    piece->fns =
        arena_array(kept->program->arena, piece->fn_count, sizeof(struct fn *));
    for (uint32_t i = 0; i < piece->fn_count; i++) {
        memcpy(&name, names + i * sizeof(name), sizeof(name));
        if (name.usr >= piece->text_size || name.unit >= piece->text_size)
            return false;
        piece->fns[i] = fn_find(kept->program, piece->texts + name.usr,
                                piece->texts + name.unit);
    }
    return true;
}

static bool records_find(struct kept *kept, const struct piece *piece,
                         const char *headers, uint32_t count,
                         struct taking *bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        struct record record = {.piece = piece};
        const struct fn *fn;

        memcpy(&record.header, headers + i * sizeof(record.header),
               sizeof(record.header));
        record.bytes = take(bytes, record.header.length);
        if (!record.bytes || record.header.fn >= piece->fn_count)
            return false;
        fn = piece->fns[record.header.fn];
        if (fn)
            kept->records[fn->number] = record;
    }
    return !bytes->left;
}

static bool piece_find(struct kept *kept, struct taking *taking)
{
    struct piece *piece = arena_alloc(kept->program->arena, sizeof(*piece));
    const char *start = take(taking, sizeof(struct piece_header));
    struct piece_header header;
    struct taking bytes;
    const char *names;
    const char *headers;

    if (!start)
        return false;
    memcpy(&header, start, sizeof(header));
    piece->texts = take(taking, header.text_size);
    piece->text_size = header.text_size;
    piece->fn_count = header.fn_count;
    names = take(taking, header.fn_count * sizeof(struct fn_name));
    headers = take(taking, header.record_count * sizeof(struct record_header));
    bytes =
        (struct taking){take(taking, header.record_size), header.record_size};
    return piece->texts && names && headers && bytes.at &&
           (!piece->text_size || !piece->texts[piece->text_size - 1]) &&
           fns_find(kept, piece, names) &&
           records_find(kept, piece, headers, header.record_count, &bytes);
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

struct kept *kept_new(struct program *program, const struct digest *meanings,
                      const char *bytes, size_t length)
{
    struct kept *kept = arena_alloc(program->arena, sizeof(*kept));

    kept->program = program;
    kept->bytes = bytes;
    kept->length = length;
    kept->records =
        arena_array(program->arena, program->fns.count, sizeof(*kept->records));
    kept->out.arena = program->arena;
    kept_keys_init(&kept->keys, program, meanings);
    shape_tables_init(&kept->tables, program->arena);
    pieces_find(kept);
    return kept;
}

/* ---- effects, which a function shares with those that it calls */

/* Goes over what the function calls or has called, but for what pointers may
 * hold, which tells it nothing; the same again and again. */
struct callee_walk {
    const struct fn *fn;
    uint32_t site;
    uint32_t now;            /* 0: the body */
    const struct fn *callee; /* where it is */
    uint32_t number;         /* … counting from 1 */
};

static bool callee_next(struct callee_walk *walk)
{
    const struct callee_table *table = walk->fn->callees;

    for (; walk->site < table->items.count; walk->site++, walk->now = 0) {
        const struct callee *callee = &table->items.items[walk->site].callee;
        uint32_t count = callee->group ? 0 : callee->now.items.count;

        while (walk->now <= count) {
            uint32_t now = walk->now++;

            walk->callee =
                now ? callee->now.items.items[now - 1] : callee->body;
            if (!walk->callee)
                continue;
            walk->number++;
            return true;
        }
    }
    return false;
}

/* Where a callee has the same effect: its number, and the effect's; 0:
 * nowhere. */
static uint32_t owner_find(const struct fn *fn,
                           const struct lock_effect *effect, uint32_t *at)
{
    struct callee_walk walk = {.fn = fn};

    while (callee_next(&walk)) {
        const struct lock_effects *effects = &walk.callee->summary.locks;

        for (*at = 0; *at < effects->items.count; ++*at)
            if (effects->items.items[*at] == effect)
                return walk.callee == fn ? 0 : walk.number;
    }
    return 0;
}

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
    for (uint32_t i = 0; i < effects->items.count; i++) {
        const struct lock_effect *effect = effects->items.items[i];
        uint32_t at;
        uint32_t owner = owner_find(writer->fn, effect, &at);

        shape_number_write(writer, owner);
        if (owner)
            shape_number_write(writer, at);
        else
            effect_write(writer, effect);
    }
}

/* They mostly come in the order of the calls, so the walk goes on. */
static struct lock_effect *effect_read(struct shape_reader *reader,
                                       struct callee_walk *walk)
{
    uint64_t owner = shape_number_read(reader);
    struct lock_effect *effect;
    uint64_t at;

    if (!owner) {
        effect = arena_alloc(reader->arena, sizeof(*effect));
        shape_read(reader, &shape_lock_effect, effect);
        return effect;
    }
    at = shape_number_read(reader);
    if (owner < walk->number)
        *walk = (struct callee_walk){.fn = walk->fn};
    while (walk->number < owner && callee_next(walk))
        ;
    if (walk->number == owner && walk->callee != walk->fn &&
        at < walk->callee->summary.locks.items.count)
        return walk->callee->summary.locks.items.items[at];
    reader->is_bad = true;
    return NULL;
}

static void effects_read(struct shape_reader *reader,
                         struct lock_effects *effects)
{
    struct callee_walk walk = {.fn = reader->fn};
    uint32_t count = shape_count_read(reader);

    effects->items.items =
        arena_array(reader->arena, count, sizeof(struct lock_effect *));
    effects->items.count = effects->items.capacity = count;
    for (uint32_t i = 0; i < count && !reader->is_bad; i++)
        effects->items.items[i] = effect_read(reader, &walk);
}

/* ---- functions */

static bool record_read(struct kept *kept, const struct record *record,
                        struct fn *fn)
{
    const unsigned char *bytes = (const unsigned char *)record->bytes;
    struct shape_reader reader = {
        .at = bytes,
        .end = bytes + record->header.length,
        .fn = fn,
        .arena = kept->program->arena,
        .texts = record->piece->texts,
        .text_size = record->piece->text_size,
        .fns = record->piece->fns,
        .fn_count = record->piece->fn_count,
    };
    struct fn found = {0};
    struct uses *uses;

    shape_read(&reader, &shape_solved, &found);
    effects_read(&reader, &found.summary.locks);
    uses = kept_uses_read(kept->program, fn, &reader);
    if (reader.is_bad || reader.at != reader.end)
        return false;
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

    kept->asked = written_asked(kept->program);
    kept->has_key = kept_key(&kept->keys, fn, &kept->key);
    if (!kept->has_key || !record->piece ||
        !digest_is_same(record->header.key, kept->key) ||
        !record_read(kept, record, fn))
        return false;
    if (!fn->cfg)
        fn->cfg = cfg_build(fn->unit, fn->ir, kept->program->arena);
    *view = (struct kept_view){true, record->header.view};
    if (kept->is_cleaning)
        record_write(kept, fn, view->digest);
    group_member_changed(fn);
    return true;
}

void kept_add(struct kept *kept, struct fn *fn)
{
    struct kept_keys *keys = &kept->keys;
    struct digest view = kept_view_make(keys, fn);

    keys->views[fn->number].is_known = true;
    if (kept->has_key && !fn->hands_recursive &&
        written_asked(kept->program) == kept->asked &&
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

bool kept_write(struct kept *kept, struct strbuf *out)
{
    struct strbuf names = {.arena = out->arena};
    struct piece_header header = {
        .record_count = kept->added.count,
        .record_size = (uint32_t)kept->out.length,
    };

    if (!kept->added.count || kept->out.length > UINT32_MAX)
        return false;
    fn_names_write(kept, &names);
    header.text_size = (uint32_t)kept->tables.texts.length;
    header.fn_count = kept->tables.fns.count;
    if (!kept->is_cleaning)
        strbuf_add_bytes(out, kept->bytes, kept->length);
    strbuf_add_bytes(out, (const char *)&header, sizeof(header));
    strbuf_add_bytes(out, kept->tables.texts.text, kept->tables.texts.length);
    strbuf_add_bytes(out, names.text, names.length);
    strbuf_add_bytes(out, (const char *)kept->added.items,
                     kept->added.count * sizeof(*kept->added.items));
    strbuf_add_bytes(out, kept->out.text, kept->out.length);
    return true;
}
