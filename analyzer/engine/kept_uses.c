/*
 * Uses as bytes, see kept_uses.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept_uses.h"

#include "engine/access_table.h"

static void locks_write(struct program *program, struct shape_writer *writer,
                        set_id locks)
{
    struct access_table *table = program->accesses;
    const struct set *set = set_get(&table->sets, locks);

    shape_number_write(writer, set->count);
    for (uint32_t i = 0; i < set->count; i++) {
        shape_text_write(writer,
                         table->classes.entries.items[set->items[i]].key);
    }
}

static void list_write(struct program *program, struct shape_writer *writer,
                       const access_list *list)
{
    shape_number_write(writer, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct access *access = &list->items[i];

        shape_number_write(writer, access->op - writer->fn->ir->first_op);
        shape_number_write(writer, (uint64_t)access->place << 2 |
                                       (uint64_t)access->is_write << 1 |
                                       (access->locks != 0));
        if (access->locks)
            locks_write(program, writer, access->locks);
    }
}

void kept_uses_write(struct program *program, struct shape_writer *writer)
{
    const struct uses none = {0};
    const struct uses *uses = writer->fn->uses ? writer->fn->uses : &none;

    shape_number_write(writer, writer->fn->uses ? 1 + uses->makes_locks : 0);
    list_write(program, writer, &uses->items);
    list_write(program, writer, &uses->calls);
}

static set_id locks_read(struct program *program, struct shape_reader *reader)
{
    struct access_table *table = program->accesses;
    uint64_t classes[MOST_CLASSES];
    uint32_t count = shape_count_read(reader);

    reader->is_bad |= count > MOST_CLASSES;
    for (uint32_t i = 0; i < count && !reader->is_bad; i++)
        classes[i] = *map_add_str(&table->classes, shape_text_read(reader),
                                  table->classes.entries.count, NULL);
    return reader->is_bad ? 0 : set_make(&table->sets, classes, count);
}

static thing_id thing_read(struct shape_reader *reader, const struct flow *flow,
                           uint64_t place)
{
    const struct ir_unit *unit = reader->fn->unit;

    if (place % 2 && place / 2 < unit->symbols.count)
        return access_global(flow, (ir_id)(place / 2));
    if (place && place % 2 == 0 && place / 2 < unit->fields.count)
        return access_field(flow, (ir_id)(place / 2));
    reader->is_bad |= place != 0;
    return 0;
}

static void list_read(const struct flow *flow, struct shape_reader *reader,
                      access_list *list)
{
    struct program *program = flow->program;
    const struct ir_fn *ir = reader->fn->ir;
    uint32_t count = shape_count_read(reader);

    list->items = arena_array(program->arena, count, sizeof(*list->items));
    list->count = list->capacity = count;
    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        uint64_t op = shape_number_read(reader);
        uint64_t rest = shape_number_read(reader);

        reader->is_bad |= op >= ir->op_count;
        list->items[i] = (struct access){
            .op = ir->first_op + (ir_id)op,
            .thing = thing_read(reader, flow, rest / 4),
            .place = (uint32_t)(rest / 4) & PLACE_MASK,
            .is_write = rest / 2 % 2,
            .locks = rest % 2 ? locks_read(program, reader) : 0,
        };
    }
}

struct uses *kept_uses_read(struct program *program, struct fn *fn,
                            struct shape_reader *reader)
{
    const struct flow flow = {.program = program, .fn = fn};
    uint64_t kind = shape_number_read(reader);
    struct uses *uses = arena_alloc(program->arena, sizeof(*uses));

    uses->makes_locks = kind == 2;
    list_read(&flow, reader, &uses->items);
    list_read(&flow, reader, &uses->calls);
    return kind ? uses : NULL;
}
