/*
 * Reading by a table of fields, see shape.h and, for what lies where, shape.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/shape.h"

#include <string.h>

#include "engine/callee.h"

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

uint64_t shape_long_read(struct shape_reader *reader)
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

    if (count <= MOST_SHAPE_ITEMS &&
        count <= (uint64_t)(reader->end - reader->at))
        return (uint32_t)count;
    reader->is_bad = true;
    return 0;
}

const char *shape_text_read(struct shape_reader *reader)
{
    uint64_t at = shape_number_read(reader);

    if (at < reader->source->text_size)
        return reader->source->texts + at;
    reader->is_bad = true;
    return "";
}

static struct fn *fn_read(struct shape_reader *reader)
{
    uint64_t at = shape_number_read(reader);

    if (at < reader->source->fn_count && reader->source->fns[at])
        return reader->source->fns[at];
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

static void texts_read(struct shape_reader *reader, struct shape_list *list)
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
    struct shape_list *list = (void *)at;

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
        pointer_put(at, shape_pointed_read(reader, field->shape));
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

static void fields_read(struct shape_reader *reader, const struct shape *shape,
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

/* ---- what is shared */

static uint32_t end_of(const struct shape_source *source, uint32_t number)
{
    uint32_t end;

    memcpy(&end, source->shared_ends + number * sizeof(end), sizeof(end));
    return end;
}

static const void *shared_make(const struct shape_reader *reader,
                               const struct shape *shape, uint32_t number)
{
    const struct shape_source *source = reader->source;
    const unsigned char *bytes = (const unsigned char *)source->shared_bytes;
    struct shape_reader own = {
        .at = bytes + (number ? end_of(source, number - 1) : 0),
        .end = bytes + end_of(source, number),
        .arena = reader->arena,
        .source = source,
    };
    void *item = arena_alloc(reader->arena, shape->size);

    fields_read(&own, shape, item);
    return own.is_bad || own.at != own.end ? NULL : item;
}

/* Things of two kinds may have the same bytes; then the second is made for
 * whoever asks. */
static const void *shared_get(const struct shape_reader *reader,
                              const struct shape *shape, uint32_t number)
{
    struct shape_shared *shared = &reader->source->shared[number];

    if (shared->shape && shared->shape != shape)
        return shared_make(reader, shape, number);
    if (!shared->shape)
        *shared =
            (struct shape_shared){shape, shared_make(reader, shape, number)};
    return shared->item;
}

/* NULL: it is here, or bad. */
static const void *shared_read(struct shape_reader *reader,
                               const struct shape *shape)
{
    uint64_t number = shape->is_shared ? shape_number_read(reader) : 0;
    const void *item = number && number <= reader->source->shared_count
                           ? shared_get(reader, shape, (uint32_t)number - 1)
                           : NULL;

    reader->is_bad |= number && !item;
    return item;
}

void shape_read(struct shape_reader *reader, const struct shape *shape,
                void *item)
{
    const void *shared = shared_read(reader, shape);

    if (shared)
        memcpy(item, shared, shape->size);
    else if (!reader->is_bad)
        fields_read(reader, shape, item);
}

const void *shape_pointed_read(struct shape_reader *reader,
                               const struct shape *shape)
{
    const void *shared = shared_read(reader, shape);
    void *item;

    if (shared)
        return shared;
    item = arena_alloc(reader->arena, shape->size);
    if (!reader->is_bad)
        fields_read(reader, shape, item);
    return item;
}
