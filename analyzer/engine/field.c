/*
 * See field.h. The tables of a unit are made when it is first asked about.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/field.h"

#include "base/str.h"
#include "engine/flow.h"

enum { ASKED = 64 }; /* a power of two */

/* Who asks for a field asks again, with the same pointers to its names. */
struct asked {
    const char *record;
    const char *field;
    ir_id found;
};

struct field_table {
    struct map by_name; /* record, newline, field */
    struct map globals; /* by linker name */
    const char **classes;
    struct strbuf key; /* of who asks, kept for its room */
    struct asked asked[ASKED];
};

static void key_build(struct strbuf *key, const char *record, const char *field)
{
    key->length = 0;
    strbuf_add(key, record);
    strbuf_add(key, "\n");
    strbuf_add(key, field);
}

static struct field_table *table_build(struct arena *arena,
                                       const struct ir_unit *unit)
{
    struct field_table *table = arena_alloc(arena, sizeof(*table));

    table->key.arena = arena;
    table->by_name.arena = arena;
    table->classes =
        arena_array(arena, unit->fields.count, sizeof(*table->classes));
    for (ir_id i = 1; i < unit->fields.count; i++) {
        const struct ir_field *field = &unit->fields.items[i];

        key_build(&table->key,
                  ir_text(unit, unit->records.items[field->record].name),
                  ir_text(unit, field->name));
        map_add(&table->by_name, table->key.text, table->key.length, i, NULL);
    }
    table->globals.arena = arena;
    for (ir_id i = 1; i < unit->symbols.count; i++)
        if (unit->symbols.items[i].kind == IR_SYMBOL_GLOBAL)
            map_add_str(&table->globals,
                        ir_text(unit, unit->symbols.items[i].usr), i, NULL);
    return table;
}

static struct field_table *table_get(const struct program *program,
                                     const struct fn *fn)
{
    struct unit *unit = &program->units.items[fn->unit_number];

    if (!unit->fields)
        unit->fields = table_build(program->arena, unit->ir);
    return unit->fields;
}

static struct asked *asked_at(struct field_table *table, const char *record,
                              const char *field)
{
    uintptr_t mixed = (uintptr_t)record * 31 + (uintptr_t)field;

    return &table->asked[(mixed ^ mixed >> 6) % ASKED];
}

ir_id field_find(const struct program *program, const struct fn *fn,
                 const char *record, const char *field)
{
    struct field_table *table = table_get(program, fn);
    struct asked *asked = asked_at(table, record, field);
    const uint32_t *found;

    if (asked->record == record && asked->field == field)
        return asked->found;
    key_build(&table->key, record, field);
    found = map_find(&table->by_name, table->key.text, table->key.length);
    *asked = (struct asked){record, field, found ? *found : 0};
    return asked->found;
}

ir_id field_global(const struct program *program, const struct fn *fn,
                   const char *usr)
{
    const uint32_t *found = map_find_str(&table_get(program, fn)->globals, usr);

    return found ? *found : 0;
}

const char *field_class(const struct program *program, const struct fn *fn,
                        ir_id field)
{
    struct field_table *table = table_get(program, fn);

    if (!table->classes[field])
        table->classes[field] = name_field(fn->unit, field, program->arena);
    return table->classes[field];
}
