/*
 * Locks in types, see query_inside.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_inside.h"

#include "engine/name.h"
#include "findings/query_copy.h"

enum { DEEPEST_RECORD = 8 };

static bool is_lock_name(const struct inside *inside, ir_str name)
{
    const struct fn *fn = inside->query->fn;
    const struct type_meaning *meaning =
        name ? model_type_find(fn->view, ir_text(fn->unit, name)) : NULL;

    return meaning && meaning->traits & TYPE_LOCK;
}

static bool is_meant(struct inside *inside)
{
    if (!inside->skip)
        return true;
    inside->skip--;
    return false;
}

static bool field_holds(struct inside *inside, ir_id at, int depth)
{
    const struct ir_unit *unit = inside->query->fn->unit;
    struct arena *arena = inside->query->program->arena;
    const struct ir_field *field = &unit->fields.items[at];
    const char *name = ir_text(unit, field->name);

    inside->class = NULL;
    if (!inside_find(inside, field->type, depth))
        return false;
    if (!inside->class)
        inside->class = name_field(unit, at, arena);
    if (*name)
        inside->path = arena_printf(arena, ".%s%s", name, inside->path);
    return true;
}

bool inside_find(struct inside *inside, ir_id type, int depth)
{
    const struct ir_unit *unit = inside->query->fn->unit;
    const struct ir_type *found = &unit->types.items[type];
    const struct ir_record *record;

    if (!type || depth > DEEPEST_RECORD)
        return false;
    switch ((enum ir_type_kind)found->kind) {
    case IR_TYPE_TYPEDEF:
        inside->path = "";
        return is_lock_name(inside, found->name)
                   ? is_meant(inside)
                   : inside_find(inside, found->of, depth);
    case IR_TYPE_ARRAY:
        if (!inside_find(inside, found->of, depth + 1))
            return false;
        inside->path =
            arena_printf(inside->query->program->arena, "[]%s", inside->path);
        return true;
    case IR_TYPE_RECORD:
        record = &unit->records.items[found->of];
        inside->path = "";
        if (is_lock_name(inside, record->name))
            return is_meant(inside);
        for (uint32_t i = 0; i < record->field_count; i++)
            if (field_holds(inside, record->first_field + i, depth + 1))
                return true;
        return false;
    default:
        return false;
    }
}

bool query_holds_lock(const struct query *query, ir_id var)
{
    struct inside inside = {.query = query};

    return inside_find(&inside, query->fn->unit->vars.items[var].type, 0);
}

bool inside_expr_find(struct inside *inside, ir_id id)
{
    const struct ir_unit *unit = inside->query->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (!inside_find(inside, expr->type, 0))
        return false;
    if (!inside->class && expr->kind == IR_EXPR_FIELD &&
        ir_type_strip(unit, expr->type)->kind == IR_TYPE_RECORD)
        inside->class =
            name_field(unit, expr->field, inside->query->program->arena);
    return true;
}
