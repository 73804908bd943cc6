/*
 * An entry holds the files that were read, which of them were read for each
 * source, what the units say, and then what was told. There are SLOTS entries;
 * a question belongs to one of them and replaces what was there, so they need
 * no clean-up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "answer.h"

#include <fcntl.h>
#include <string.h>

#include "base/map.h"
#include "cache.h"
#include "findings/diag_bytes.h"

enum { SLOTS = 16 }; /* an editor asks about one file after the other */

/* Packs by their text; those that are built in are a part of the program,
 * which is in the sources' keys. */
static bool packs_add(struct strbuf *key, const struct args *args)
{
    for (uint32_t i = 0; i < args->packs.count; i++) {
        struct file_bytes pack;
        struct digest digest;

        if (!file_read(AT_FDCWD, args->packs.items[i], 0, key->arena, &pack))
            return false;
        digest = digest_of(pack.bytes, pack.length);
        bytes_add_text(key, args->packs.items[i]);
        bytes_add_digest(key, digest);
    }
    return true;
}

bool answer_ask(struct question *question, struct units *units,
                const struct source_list *sources,
                const struct check_options *options)
{
    struct arena scratch = {0};
    struct strbuf key = {.arena = &scratch};
    bool is_asked = packs_add(&key, units->args);

    for (int i = 0; i < rule_count; i++)
        bytes_add_number(&key, (uint32_t)options->severities[i]);
    bytes_add_number(&key, (uint32_t)options->short_sections);
    bytes_add_number(&key, options->reports_all);
    bytes_add_number(&key, (uint32_t)options->least);
    for (uint32_t i = 0; i < sources->units.count; i++) {
        const struct source *source = &sources->units.items[i];
        struct digest digest = cache_key(units->cache, source);

        bytes_add_text(&key, source->file);
        bytes_add_digest(&key, digest);
    }
    question->digest = digest_of(key.text, key.length);
    question->told = units->told.count;
    arena_finish(&scratch);
    return is_asked;
}

static const char *slot_name(struct arena *arena,
                             const struct question *question, const char *kind)
{
    return arena_printf(arena, "%02u.%s",
                        (unsigned)(question->digest.low % SLOTS), kind);
}

/* ---- whether it still holds */

/* The files of all units, each once. Of a unit itself its files and what it
 * lacked are enough. */
struct reading {
    struct ir_unit all;    /* files and their names */
    VEC(uint32_t) numbers; /* of all.files in the cache, while it is read */
    struct map known;      /* path -> index in all.files */
    struct strbuf text; /* of `all`, and of all units that are made from it */
};

static void reading_init(struct reading *reading, struct arena *arena)
{
    *reading = (struct reading){.known.arena = arena, .text.arena = arena};
    vec_add(arena, &reading->all.files, (struct ir_file){0});
    strbuf_add_bytes(&reading->text, "", 1);
}

static ir_str name_add(struct reading *reading, const char *name)
{
    ir_str at = (ir_str)reading->text.length;

    strbuf_add_bytes(&reading->text, name, strlen(name) + 1);
    return at;
}

/* Its number; 0 when it was not the same file for all units. */
static ir_id file_add(struct reading *reading, const char *path,
                      struct digest content)
{
    bool is_new;
    uint32_t index =
        *map_add_str(&reading->known, path, reading->all.files.count, &is_new);
    struct ir_file file = {.content = content};

    if (!is_new)
        return digest_is_same(reading->all.files.items[index].content, content)
                   ? index
                   : 0;
    file.path = name_add(reading, path);
    vec_add(reading->text.arena, &reading->all.files, file);
    return index;
}

static void files_write(const struct reading *reading, struct strbuf *out)
{
    const struct ir_unit *all = &reading->all;

    bytes_add_number(out, all->files.count - 1);
    for (uint32_t i = 1; i < all->files.count; i++) {
        const struct ir_file *file = &all->files.items[i];

        bytes_add_text(out, reading->text.text + file->path);
        strbuf_add_bytes(out, (const char *)&file->content,
                         sizeof(file->content));
    }
}

static void files_read(struct reading *reading, struct cache *cache,
                       struct bytes_reader *reader)
{
    uint32_t count = bytes_count(reader);

    vec_add(reader->arena, &reading->numbers, 0);
    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        const char *path = bytes_words(reader);
        const char *content = bytes_take(reader, sizeof(struct digest));
        struct digest digest;

        if (!content)
            return;
        memcpy(&digest, content, sizeof(digest));
        reader->is_bad |= file_add(reading, path, digest) != i + 1;
        vec_add(reader->arena, &reading->numbers, cache_file(cache, path));
    }
}

/* Which files, and whether as a system's header, in one number each. */
static bool unit_write(struct reading *reading, const struct ir_unit *unit,
                       struct digest surroundings, struct strbuf *out)
{
    bytes_add_digest(out, surroundings);
    bytes_add_digest(out, unit->meaning);
    bytes_add_number(out, unit->main_file);
    bytes_add_number(out, unit->files.count - 1);
    for (uint32_t i = 1; i < unit->files.count; i++) {
        const struct ir_file *file = &unit->files.items[i];
        ir_id index =
            file_add(reading, ir_text(unit, file->path), file->content);

        if (!index)
            return false;
        bytes_add_number(out, index * 2 + !!file->is_system);
    }
    bytes_add_number(out, unit->missing.count - 1);
    for (uint32_t i = 1; i < unit->missing.count; i++)
        bytes_add_text(out, ir_text(unit, unit->missing.items[i].name));
    return true;
}

/* A unit's files, and their numbers in the cache. */
static uint32_t *unit_files_read(struct reading *reading, struct ir_unit *unit,
                                 struct bytes_reader *reader)
{
    uint32_t count;
    uint32_t *numbers;

    unit->main_file = bytes_number(reader);
    count = bytes_count(reader);
    numbers = arena_array(reader->arena, count + 1, sizeof(*numbers));
    unit->files.items =
        arena_array(reader->arena, count + 1, sizeof(*unit->files.items));
    unit->files.count = unit->files.capacity = count + 1;
    for (uint32_t i = 1; i <= count && !reader->is_bad; i++) {
        uint32_t number = bytes_number(reader);

        if (number / 2 >= reading->all.files.count) {
            reader->is_bad = true;
            break;
        }
        unit->files.items[i] = reading->all.files.items[number / 2];
        unit->files.items[i].is_system = number % 2;
        numbers[i] = reading->numbers.items[number / 2];
    }
    return numbers;
}

static uint32_t *unit_read(struct reading *reading, struct ir_unit *unit,
                           struct bytes_reader *reader)
{
    uint32_t *numbers = unit_files_read(reading, unit, reader);
    uint32_t count = bytes_count(reader);

    vec_add(reader->arena, &unit->missing, (struct ir_missing){0});
    for (uint32_t i = 0; i < count && !reader->is_bad; i++)
        vec_add(reader->arena, &unit->missing,
                (struct ir_missing){name_add(reading, bytes_words(reader))});
    unit->text.items = reading->text.text;
    return numbers;
}

static struct digest digest_take(struct bytes_reader *reader)
{
    struct digest digest = {0};
    const char *start = bytes_take(reader, sizeof(digest));

    if (start)
        memcpy(&digest, start, sizeof(digest));
    return digest;
}

/* Whether each source is the same; which are, is remembered for who makes the
 * units. */
static bool holds_still(struct bytes_reader *reader, struct units *units,
                        const struct source_list *sources)
{
    struct source_before *before =
        arena_array(units->arena, sources->units.count, sizeof(*before));
    bool is_any_changed = false;
    struct reading reading;

    reading_init(&reading, reader->arena);
    files_read(&reading, units->cache, reader);
    for (uint32_t i = 0; i < sources->units.count && !reader->is_bad; i++) {
        struct ir_unit unit = {0};
        const uint32_t *files;

        before[i].surroundings = digest_take(reader);
        before[i].meaning = digest_take(reader);
        files = unit_read(&reading, &unit, reader);
        before[i].is_same =
            !reader->is_bad &&
            cache_is_same(units->cache, &sources->units.items[i], &unit, files,
                          before[i].surroundings);
        is_any_changed |= !before[i].is_same;
    }
    if (reader->is_bad)
        return false;
    units->before = before;
    return !is_any_changed;
}

/* ---- what was told */

static void told_write(const struct question *question,
                       const struct units *units, const struct answer *answer,
                       struct strbuf *out)
{
    bytes_add_number(out, units->not_analysed);
    bytes_add_number(out, answer->unknown_calls);
    diag_list_write(&answer->findings, out);
    bytes_add_number(out, units->told.count - question->told);
    for (uint32_t i = question->told; i < units->told.count; i++)
        bytes_add_text(out, units->told.items[i]);
}

/* Notes that this run has told already are not told again. */
static bool told_read(struct question *question, struct units *units,
                      struct answer *answer)
{
    struct bytes_reader *reader = &question->known;
    uint32_t told = units->told.count - question->told;
    VEC(const char *) notes = {0};
    uint32_t not_analysed = bytes_number(reader);
    uint32_t count;

    answer->unknown_calls = bytes_number(reader);
    diag_list_read(&answer->findings, reader);
    count = bytes_count(reader);
    for (uint32_t i = 0; i < count && !reader->is_bad; i++)
        vec_add(reader->arena, &notes, bytes_words(reader));
    if (reader->is_bad || reader->left || told > notes.count) {
        *answer = (struct answer){.findings.arena = answer->findings.arena};
        return false;
    }
    for (uint32_t i = told; i < notes.count; i++)
        units_note(units, notes.items[i]);
    units->not_analysed = not_analysed;
    return true;
}

bool answer_find(struct question *question, struct units *units,
                 const struct source_list *sources, struct answer *answer)
{
    struct arena scratch = {0};
    struct bytes_reader *told = &question->known;
    struct file_bytes body;
    bool is_found;

    if (!cache_entry_read(units->cache,
                          slot_name(units->arena, question, "answer"),
                          question->digest, units->arena, &body))
        return false;
    *told = (struct bytes_reader){
        .at = body.bytes, .left = body.length, .arena = &scratch};
    is_found = holds_still(told, units, sources);
    told->arena = answer->findings.arena;
    is_found = is_found && told_read(question, units, answer);
    if (is_found)
        units->file_count = sources->units.count;
    arena_finish(&scratch);
    return is_found;
}

bool answer_find_again(struct question *question, struct units *units,
                       const struct source_list *sources, struct answer *answer)
{
    if (!units->before || units->items.count != sources->units.count)
        return false;
    for (uint32_t i = 0; i < units->items.count; i++)
        if (!digest_is_same(units->before[i].meaning,
                            units->items.items[i]->meaning))
            return false;
    return told_read(question, units, answer);
}

/* Those of a source that has not changed were looked at before its unit was
 * made, so nothing can have come between. */
static bool surroundings_get(const struct units *units,
                             const struct source_list *sources, uint32_t at,
                             struct digest *surroundings)
{
    const struct source_before *before =
        units->before ? &units->before[at] : NULL;

    if (!before || !before->is_same)
        return cache_may_keep(units->cache, &sources->units.items[at],
                              units->items.items[at], surroundings);
    *surroundings = before->surroundings;
    return true;
}

/* Whether each source has its unit, and each of them may be kept. */
static bool units_write(struct units *units, const struct source_list *sources,
                        struct strbuf *out)
{
    struct strbuf each = {.arena = out->arena};
    struct reading reading;

    if (units->items.count != sources->units.count)
        return false;
    reading_init(&reading, out->arena);
    for (uint32_t i = 0; i < units->items.count; i++) {
        struct digest surroundings;

        if (!surroundings_get(units, sources, i, &surroundings) ||
            !unit_write(&reading, units->items.items[i], surroundings, &each))
            return false;
    }
    files_write(&reading, out);
    strbuf_add_bytes(out, each.text, each.length);
    return true;
}

void answer_store(struct question *question, struct units *units,
                  const struct source_list *sources,
                  const struct answer *answer)
{
    struct arena scratch = {0};
    struct strbuf body = {.arena = &scratch};

    if (units_write(units, sources, &body)) {
        told_write(question, units, answer, &body);
        cache_entry_write(units->cache, slot_name(&scratch, question, "answer"),
                          question->digest, &body);
    }
    arena_finish(&scratch);
}

/* ---- what solving found out */

bool answer_kept_find(const struct question *question,
                      const struct units *units, struct file_bytes *kept)
{
    return cache_entry_read(units->cache,
                            slot_name(units->arena, question, "solved"),
                            question->digest, units->arena, kept);
}

void answer_kept_store(const struct question *question,
                       const struct units *units, const struct strbuf *kept)
{
    cache_entry_write(units->cache, slot_name(units->arena, question, "solved"),
                      question->digest, kept);
}
