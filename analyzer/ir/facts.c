/*
 * Facts are a header, one entry for each table, the tables, a checksum
 * (XXH3-64 over all before it). Each table begins where it may lie in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/facts.h"

#include <string.h>
#include <xxhash.h>

enum {
    FACTS_VERSION = 8, /* raised whenever a table changes its meaning */
#define TABLE(element, name) TABLE_##name,
    IR_TABLES(TABLE)
#undef TABLE
        TABLE_COUNT = TABLE_text - TABLE_files + 1,
};

static const char magic[8] = {'a', 's', 'l', 'f', 'a', 'c', 't', 's'};

struct facts_header {
    char magic[8];
    uint32_t version;
    uint32_t table_count;
    uint32_t main_file;
    uint32_t byte_order; /* written as 1: swapped on the other kind */
    uint32_t flags;      /* of the unit */
    uint32_t unused;
    struct digest meaning;
};

struct facts_table {
    uint32_t element_size;
    uint32_t count;
};

static size_t rounded_up(size_t size)
{
    return (size + FACTS_ALIGN - 1) / FACTS_ALIGN * FACTS_ALIGN;
}

static void files_mean(const struct ir_unit *unit, struct strbuf *out)
{
    for (ir_id i = 0; i < unit->files.count; i++) {
        struct ir_file file = unit->files.items[i];

        file.content = (struct digest){0};
        strbuf_add_bytes(out, (const char *)&file, sizeof(file));
    }
}

static struct digest meaning_of(const struct ir_unit *unit)
{
    const uint32_t rest[] = {unit->main_file, unit->flags};
    struct arena scratch = {0};
    struct strbuf text = {.arena = &scratch};
    struct digest table;

    strbuf_add_bytes(&text, (const char *)rest, sizeof(rest));
    files_mean(unit, &text);
#define TABLE(element, name)                                                   \
    table = digest_of(unit->name.items, unit->name.count * sizeof(element));   \
    if ((const void *)&unit->name != (const void *)&unit->files)               \
        strbuf_add_bytes(&text, (const char *)&table, sizeof(table));
    IR_TABLES(TABLE)
#undef TABLE
    table = digest_of(text.text, text.length);
    arena_finish(&scratch);
    return table;
}

static void table_add(struct strbuf *out, const void *items, size_t size)
{
    static const char padding[FACTS_ALIGN];

    strbuf_add_bytes(out, items, size);
    strbuf_add_bytes(out, padding, rounded_up(size) - size);
}

void facts_write(const struct ir_unit *unit, struct strbuf *out)
{
    struct facts_header header = {
        .version = FACTS_VERSION,
        .table_count = TABLE_COUNT,
        .main_file = unit->main_file,
        .byte_order = 1,
        .flags = unit->flags,
        .meaning = meaning_of(unit),
    };
    size_t start = out->length;
    uint64_t checksum;

    memcpy(header.magic, magic, sizeof(magic));
    strbuf_add_bytes(out, (const char *)&header, sizeof(header));
#define TABLE(element, name)                                                   \
    strbuf_add_bytes(out,                                                      \
                     (const char *)&(struct facts_table){sizeof(element),      \
                                                         unit->name.count},    \
                     sizeof(struct facts_table));
    IR_TABLES(TABLE)
#undef TABLE
#define TABLE(element, name)                                                   \
    table_add(out, unit->name.items, unit->name.count * sizeof(element));
    IR_TABLES(TABLE)
#undef TABLE
    checksum = XXH3_64bits(out->text + start, out->length - start);
    strbuf_add_bytes(out, (const char *)&checksum, sizeof(checksum));
}

_Static_assert(sizeof(struct facts_header) % FACTS_ALIGN == 0 &&
                   sizeof(struct facts_table) % FACTS_ALIGN == 0,
               "the first table is aligned, too");

struct reader {
    char *at;
    size_t left;
};

static bool take(struct reader *reader, void *out, size_t size)
{
    if (reader->left < size)
        return false;
    if (size)
        memcpy(out, reader->at, size);
    reader->at += size;
    reader->left -= size;
    return true;
}

static void *table_take(struct reader *reader, const struct facts_table *table,
                        size_t element_size)
{
    size_t size = rounded_up(table->count * element_size);
    char *items = reader->at;

    if (table->element_size != element_size ||
        reader->left / element_size < table->count || reader->left < size)
        return NULL;
    reader->at += size;
    reader->left -= size;
    return items;
}

static bool header_check(const struct facts_header *header, struct err *err)
{
    if (memcmp(header->magic, magic, sizeof(magic)))
        return err_set(err, "these are no facts");
    if (header->byte_order != 1)
        return err_set(err, "facts from a machine of the other byte order");
    if (header->version != FACTS_VERSION || header->table_count != TABLE_COUNT)
        return err_set(err,
                       "facts of another version of asynclint (%u, "
                       "not %u)",
                       header->version, (unsigned)FACTS_VERSION);
    return true;
}

static bool checksum_check(const char *bytes, size_t length)
{
    uint64_t checksum;

    if (length < sizeof(checksum))
        return false;
    memcpy(&checksum, bytes + length - sizeof(checksum), sizeof(checksum));
    return checksum == XXH3_64bits(bytes, length - sizeof(checksum));
}

bool facts_read(void *bytes, size_t length, struct ir_unit *unit,
                struct err *err)
{
    struct reader reader = {bytes, length};
    struct facts_header header;
    struct facts_table tables[TABLE_COUNT];
    const char *reason = "";

    memset(unit, 0, sizeof(*unit));
    if ((uintptr_t)bytes % FACTS_ALIGN)
        return err_set(err, "facts that do not lie where they were written");
    if (!take(&reader, &header, sizeof(header)))
        return err_set(err, "facts that end too early");
    if (!header_check(&header, err))
        return false;
    if (!checksum_check(bytes, length) ||
        !take(&reader, tables, sizeof(tables)))
        return err_set(err, "facts that are damaged or end too early");
#define TABLE(element, name)                                                   \
    unit->name.count = unit->name.capacity =                                   \
        tables[TABLE_##name - TABLE_files].count;                              \
    unit->name.items = table_take(                                             \
        &reader, &tables[TABLE_##name - TABLE_files], sizeof(element));        \
    if (!unit->name.items)                                                     \
        return err_set(err, "facts whose table '" #name "' is not whole");
    IR_TABLES(TABLE)
#undef TABLE
    if (reader.left != sizeof(uint64_t))
        return err_set(err, "facts with more behind them than they need");
    unit->main_file = header.main_file;
    unit->flags = header.flags;
    unit->meaning = header.meaning;
    if (!ir_unit_is_valid(unit, &reason))
        return err_set(err, "facts that contradict themselves: %s", reason);
    return true;
}
