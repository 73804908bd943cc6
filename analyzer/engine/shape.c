/*
 * Writing by a table of fields, see shape.h. A struct begins with one bit for
 * each field that is not 0, and then has those. One that may be shared begins
 * with the number of where it is, counting from 1, or with 0 and is here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/shape.h"

#include <string.h>

#include "base/map.h"
#include "engine/callee.h"

void shape_tables_init(struct shape_tables *tables, struct arena *arena)
{
    *tables = (struct shape_tables){
        .texts.arena = arena,
        .text_at.arena = arena,
        .fn_at.arena = arena,
        .shared.arena = arena,
    };
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

/* A pointer in a field, whatever it points to. */
static const void *pointer_get(const void *at)
{
    const void *pointer;

    memcpy(&pointer, at, sizeof(pointer));
    return pointer;
}

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

static bool struct_write(struct shape_writer *writer, const struct shape *shape,
                         const char *item, bool may_lack);

static void items_write(struct shape_writer *writer, const struct shape *shape,
                        const char *items, uint32_t count)
{
    writer->is_unfit |= count > MOST_SHAPE_ITEMS;
    shape_number_write(writer, count);
    for (uint32_t i = 0; i < count; i++)
        shape_write(writer, shape, items + i * shape->size);
}

static void texts_write(struct shape_writer *writer,
                        const struct shape_list *list)
{
    shape_number_write(writer, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        shape_text_write(writer, pointer_get(list->items + i * sizeof(char *)));
}

static void number_field_write(struct shape_writer *writer,
                               const struct shape_field *field,
                               const char *item, uint64_t number)
{
    switch (field->kind) {
    case SHAPE_NUMBER:
        shape_number_write(writer, number);
        return;
    case SHAPE_OP:
        op_write(writer, writer->fn, (ir_id)number);
        return;
    case SHAPE_OP_OF:
        op_write(writer, pointer_get(item + field->other), (ir_id)number);
        return;
    default: /* a flag is there, and that is all */
        writer->is_unfit |= field->kind == SHAPE_NOTHING;
    }
}

static void pointer_field_write(struct shape_writer *writer,
                                const struct shape_field *field,
                                const void *pointer)
{
    switch (field->kind) {
    case SHAPE_TEXT:
        shape_text_write(writer, pointer);
        return;
    case SHAPE_FN:
        shape_fn_write(writer, pointer);
        return;
    case SHAPE_MEANING:
        meaning_write(writer, pointer);
        return;
    default:
        shape_write(writer, field->shape, pointer);
    }
}

static void list_field_write(struct shape_writer *writer,
                             const struct shape_field *field,
                             const struct shape_list *list)
{
    if (field->kind == SHAPE_TEXTS)
        texts_write(writer, list);
    else
        items_write(writer, field->shape, list->items, list->count);
}

/* False: nothing is there, and nothing was written. */
static bool field_write(struct shape_writer *writer,
                        const struct shape_field *field, const char *item)
{
    const char *at = item + field->at;
    const struct shape_list *list = (const void *)at;
    const void *pointer;
    uint64_t number;

    switch (field->kind) {
    case SHAPE_FLAG:
    case SHAPE_NUMBER:
    case SHAPE_OP:
    case SHAPE_OP_OF:
    case SHAPE_NOTHING:
        number = number_get(at, field->size);
        if (number)
            number_field_write(writer, field, item, number);
        return number;
    case SHAPE_TEXT:
    case SHAPE_FN:
    case SHAPE_MEANING:
    case SHAPE_POINTER:
        pointer = pointer_get(at);
        if (pointer)
            pointer_field_write(writer, field, pointer);
        return pointer;
    case SHAPE_INSIDE:
        return struct_write(writer, field->shape, at, true);
    case SHAPE_TEXTS:
    case SHAPE_LIST:
        if (list->count)
            list_field_write(writer, field, list);
        return list->count;
    case SHAPE_ARRAY: /* its count is beside it */
        items_write(writer, field->shape, pointer_get(at),
                    (uint32_t)number_get(item + field->other, sizeof(int)));
        return true;
    }
    return false;
}

/* In front of what was written from there on. */
static void number_insert(struct strbuf *out, size_t start, uint64_t number)
{
    struct shape_writer writer = {.out = out};
    size_t end = out->length;
    size_t length;
    char bytes[10];

    shape_number_write(&writer, number);
    length = out->length - end;
    memcpy(bytes, out->text + end, length);
    memmove(out->text + start + length, out->text + start, end - start);
    memcpy(out->text + start, bytes, length);
}

static void share(struct shape_writer *writer, size_t start)
{
    struct map *shared = &writer->tables->shared;
    struct strbuf *out = writer->out;
    uint32_t number = *map_add(shared, out->text + start, out->length - start,
                               shared->entries.count + 1, NULL);

    out->length = start;
    shape_number_write(writer, number);
}

/* False: it may lack, and there is nothing in it. */
static bool struct_write(struct shape_writer *writer, const struct shape *shape,
                         const char *item, bool may_lack)
{
    size_t start = writer->out->length;
    uint64_t there = 0;

    for (uint32_t i = 0; i < shape->field_count; i++)
        if (field_write(writer, &shape->fields[i], item))
            there |= 1ull << i;
    if (may_lack && !there)
        return false;
    number_insert(writer->out, start, there);
    writer->is_unfit |= shape->is_sound && !shape->is_sound(item);
    if (!writer->tables || !shape->is_shared)
        return true;
    if (shape->is_shared(item))
        share(writer, start);
    else
        number_insert(writer->out, start, 0);
    return true;
}

void shape_write(struct shape_writer *writer, const struct shape *shape,
                 const void *item)
{
    struct_write(writer, shape, item, false);
}
