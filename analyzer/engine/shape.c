/*
 * Writing and reading by a table of fields, see shape.h. A struct begins with
 * one bit for each field that is not 0, and then has those.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/shape.h"

#include <string.h>

#include "base/map.h"
#include "engine/callee.h"

/* Any VEC. */
struct list {
    char *items;
    uint32_t count;
    uint32_t capacity;
};

void shape_tables_init(struct shape_tables *tables, struct arena *arena)
{
    *tables = (struct shape_tables){
        .texts.arena = arena, .text_at.arena = arena, .fn_at.arena = arena};
}

static uint64_t number_get(const void *at, uint32_t size)
{
    uint8_t byte;
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (size) {
    case 1:
        memcpy(&byte, at, 1);
        return byte;
    case 2:
        memcpy(&two, at, 2);
        return two;
    case 4:
        memcpy(&four, at, 4);
        return four;
    default:
        memcpy(&eight, at, 8);
        return eight;
    }
}

static void number_put(void *at, uint32_t size, uint64_t number)
{
    uint8_t byte = (uint8_t)number;
    uint16_t two = (uint16_t)number;
    uint32_t four = (uint32_t)number;

    switch (size) {
    case 1:
        memcpy(at, &byte, 1);
        return;
    case 2:
        memcpy(at, &two, 2);
        return;
    case 4:
        memcpy(at, &four, 4);
        return;
    default:
        memcpy(at, &number, 8);
    }
}

/* A pointer in a field, whatever it points to. */
static const void *pointer_get(const void *at)
{
    const void *pointer;

    memcpy(&pointer, at, sizeof(pointer));
    return pointer;
}

static void pointer_put(void *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof(pointer));
}

/* ---- writing */

void shape_number_write(struct shape_writer *writer, uint64_t number)
{
    char bytes[10];
    size_t length = 0;

    while (number >= 0x80) {
        bytes[length++] = (char)(number | 0x80);
        number >>= 7;
    }
    bytes[length++] = (char)number;
    strbuf_add_bytes(writer->out, bytes, length);
}

uint32_t shape_tables_text(struct shape_tables *tables, const char *text)
{
    size_t length = strlen(text);
    bool is_new;
    uint32_t at = *map_add(&tables->text_at, text, length,
                           (uint32_t)tables->texts.length, &is_new);

    if (is_new)
        strbuf_add_bytes(&tables->texts, text, length + 1);
    return at;
}

uint32_t shape_tables_fn(struct shape_tables *tables, const struct fn *fn)
{
    bool is_new;
    uint32_t at = *map_add(&tables->fn_at, &fn->number, sizeof(fn->number),
                           tables->fns.count, &is_new);

    if (is_new)
        vec_add(tables->texts.arena, &tables->fns, fn);
    return at;
}

void shape_text_write(struct shape_writer *writer, const char *text)
{
    size_t length;

    if (writer->tables) {
        shape_number_write(writer, shape_tables_text(writer->tables, text));
        return;
    }
    length = strlen(text);
    shape_number_write(writer, length);
    strbuf_add_bytes(writer->out, text, length);
}

void shape_fn_write(struct shape_writer *writer, const struct fn *fn)
{
    const struct ir_unit *unit = fn->unit;

    if (writer->tables) {
        shape_number_write(writer, shape_tables_fn(writer->tables, fn));
        return;
    }
    shape_text_write(writer, ir_text(unit, fn->symbol->usr));
    shape_text_write(writer,
                     ir_text(unit, unit->files.items[unit->main_file].path));
}

static void op_write(struct shape_writer *writer, const struct fn *fn, ir_id op)
{
    if (!fn || op - fn->ir->first_op >= fn->ir->op_count)
        writer->is_unfit = true;
    else
        shape_number_write(writer, op - fn->ir->first_op);
}

/* Which call it is of. */
static void meaning_write(struct shape_writer *writer,
                          const struct meaning *meaning)
{
    const struct callee_table *table = writer->fn->callees;

    for (uint32_t i = 0; table && i < table->items.count; i++)
        if (table->items.items[i].callee.meaning == meaning) {
            shape_number_write(writer, i);
            return;
        }
    writer->is_unfit = true;
}

static bool is_nothing(const struct shape *shape, const char *item);

static bool field_is_nothing(const struct shape_field *field, const char *at)
{
    switch (field->kind) {
    case SHAPE_FLAG:
    case SHAPE_NUMBER:
    case SHAPE_OP:
    case SHAPE_OP_OF:
    case SHAPE_NOTHING:
        return !number_get(at, field->size);
    case SHAPE_TEXT:
    case SHAPE_FN:
    case SHAPE_MEANING:
    case SHAPE_POINTER:
        return !pointer_get(at);
    case SHAPE_INSIDE:
        return is_nothing(field->shape, at);
    case SHAPE_TEXTS:
    case SHAPE_LIST:
        return !((const struct list *)(const void *)at)->count;
    case SHAPE_ARRAY:
        return false; /* its count is beside it */
    }
    return true;
}

static bool is_nothing(const struct shape *shape, const char *item)
{
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (!field_is_nothing(&shape->fields[i], item + shape->fields[i].at))
            return false;
    return true;
}

/* More than that in one function are not kept: whoever reads believes a number
 * before he has seen what it counts. */
enum { MOST_ITEMS = 1 << 16 };

static void items_write(struct shape_writer *writer, const struct shape *shape,
                        const char *items, uint32_t count)
{
    writer->is_unfit |= count > MOST_ITEMS;
    shape_number_write(writer, count);
    for (uint32_t i = 0; i < count; i++)
        shape_write(writer, shape, items + i * shape->size);
}

static void texts_write(struct shape_writer *writer, const struct list *list)
{
    shape_number_write(writer, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        shape_text_write(writer, pointer_get(list->items + i * sizeof(char *)));
}

static void field_write(struct shape_writer *writer,
                        const struct shape_field *field, const char *item)
{
    const char *at = item + field->at;
    const struct list *list = (const void *)at;

    switch (field->kind) {
    case SHAPE_FLAG:
        return;
    case SHAPE_NUMBER:
        shape_number_write(writer, number_get(at, field->size));
        return;
    case SHAPE_TEXT:
        shape_text_write(writer, pointer_get(at));
        return;
    case SHAPE_TEXTS:
        texts_write(writer, list);
        return;
    case SHAPE_OP:
        op_write(writer, writer->fn, (ir_id)number_get(at, field->size));
        return;
    case SHAPE_OP_OF:
        op_write(writer, pointer_get(item + field->other),
                 (ir_id)number_get(at, field->size));
        return;
    case SHAPE_FN:
        shape_fn_write(writer, pointer_get(at));
        return;
    case SHAPE_MEANING:
        meaning_write(writer, pointer_get(at));
        return;
    case SHAPE_INSIDE:
        shape_write(writer, field->shape, at);
        return;
    case SHAPE_POINTER:
        shape_write(writer, field->shape, pointer_get(at));
        return;
    case SHAPE_LIST:
        items_write(writer, field->shape, list->items, list->count);
        return;
    case SHAPE_ARRAY:
        items_write(writer, field->shape, pointer_get(at),
                    (uint32_t)number_get(item + field->other, sizeof(int)));
        return;
    case SHAPE_NOTHING:
        writer->is_unfit = true;
        return;
    }
}

void shape_write(struct shape_writer *writer, const struct shape *shape,
                 const void *item)
{
    const char *start = item;
    uint64_t there = 0;

    for (uint32_t i = 0; i < shape->field_count; i++)
        if (!field_is_nothing(&shape->fields[i], start + shape->fields[i].at))
            there |= 1ull << i;
    writer->is_unfit |= shape->is_sound && !shape->is_sound(item);
    shape_number_write(writer, there);
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (there >> i & 1)
            field_write(writer, &shape->fields[i], start);
}

/* ---- reading */

uint64_t shape_number_read(struct shape_reader *reader)
{
    uint64_t number = 0;

    for (int shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
        unsigned char byte = *reader->at++;

        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
    reader->is_bad = true;
    return 0;
}

uint32_t shape_count_read(struct shape_reader *reader)
{
    uint64_t count = shape_number_read(reader);

    if (count <= MOST_ITEMS && count <= (uint64_t)(reader->end - reader->at))
        return (uint32_t)count;
    reader->is_bad = true;
    return 0;
}

const char *shape_text_read(struct shape_reader *reader)
{
    uint64_t at = shape_number_read(reader);

    if (at < reader->text_size)
        return reader->texts + at;
    reader->is_bad = true;
    return "";
}

static struct fn *fn_read(struct shape_reader *reader)
{
    uint64_t at = shape_number_read(reader);

    if (at < reader->fn_count && reader->fns[at])
        return reader->fns[at];
    reader->is_bad = true;
    return NULL;
}

static ir_id op_read(struct shape_reader *reader, const struct fn *fn)
{
    uint64_t op = shape_number_read(reader);

    if (fn && op < fn->ir->op_count)
        return fn->ir->first_op + (ir_id)op;
    reader->is_bad = true;
    return 0;
}

static const struct meaning *meaning_read(struct shape_reader *reader)
{
    uint64_t at = shape_number_read(reader);
    const struct callee_table *table = reader->fn->callees;

    if (table && at < table->items.count)
        return table->items.items[at].callee.meaning;
    reader->is_bad = true;
    return NULL;
}

static void *items_read(struct shape_reader *reader, const struct shape *shape,
                        uint32_t *count)
{
    char *items;

    *count = shape_count_read(reader);
    items = *count ? arena_array(reader->arena, *count, shape->size) : NULL;
    for (uint32_t i = 0; i < *count && !reader->is_bad; i++)
        shape_read(reader, shape, items + i * shape->size);
    return items;
}

static void texts_read(struct shape_reader *reader, struct list *list)
{
    uint32_t count = shape_count_read(reader);

    list->items =
        count ? arena_array(reader->arena, count, sizeof(char *)) : NULL;
    list->count = list->capacity = count;
    for (uint32_t i = 0; i < count; i++)
        pointer_put(list->items + i * sizeof(char *), shape_text_read(reader));
}

static void number_read(struct shape_reader *reader,
                        const struct shape_field *field, void *at)
{
    uint64_t number = shape_number_read(reader);

    reader->is_bad |= (field->most && number > field->most) ||
                      (field->size < 8 && number >> (8 * field->size));
    if (!reader->is_bad)
        number_put(at, field->size, number);
}

static void array_read(struct shape_reader *reader,
                       const struct shape_field *field, char *item)
{
    uint32_t count;
    void *items = items_read(reader, field->shape, &count);

    pointer_put(item + field->at, items);
    number_put(item + field->other, sizeof(int), count);
}

static void field_read(struct shape_reader *reader,
                       const struct shape_field *field, char *item)
{
    char *at = item + field->at;
    struct list *list = (void *)at;
    void *inner;

    switch (field->kind) {
    case SHAPE_FLAG:
        *at = 1;
        return;
    case SHAPE_NUMBER:
        number_read(reader, field, at);
        return;
    case SHAPE_TEXT:
        pointer_put(at, shape_text_read(reader));
        return;
    case SHAPE_TEXTS:
        texts_read(reader, list);
        return;
    case SHAPE_OP:
        number_put(at, field->size, op_read(reader, reader->fn));
        return;
    case SHAPE_OP_OF:
        number_put(at, field->size,
                   op_read(reader, pointer_get(item + field->other)));
        return;
    case SHAPE_FN:
        pointer_put(at, fn_read(reader));
        return;
    case SHAPE_MEANING:
        pointer_put(at, meaning_read(reader));
        return;
    case SHAPE_INSIDE:
        shape_read(reader, field->shape, at);
        return;
    case SHAPE_POINTER:
        inner = arena_alloc(reader->arena, field->shape->size);
        shape_read(reader, field->shape, inner);
        pointer_put(at, inner);
        return;
    case SHAPE_LIST:
        list->items = items_read(reader, field->shape, &list->count);
        list->capacity = list->count;
        return;
    case SHAPE_ARRAY:
        array_read(reader, field, item);
        return;
    case SHAPE_NOTHING:
        reader->is_bad = true;
        return;
    }
}

void shape_read(struct shape_reader *reader, const struct shape *shape,
                void *item)
{
    uint64_t there = shape_number_read(reader);

    if (shape->field_count < MOST_SHAPE_FIELDS && there >> shape->field_count)
        reader->is_bad = true;
    for (uint32_t i = 0; there && !reader->is_bad; i++, there >>= 1)
        if (there & 1)
            field_read(reader, &shape->fields[i], item);
    if (!reader->is_bad && shape->is_sound && !shape->is_sound(item))
        reader->is_bad = true;
}
