/*
 * How code calls it: the name and the class of a lock. The name is what the
 * user wrote where it was taken; the class is the same for all instances, so
 * that what one task does to its room's lock can be held against another's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "engine/field.h"
#include "engine/flow.h"
#include "ir/ir_print.h"

const char *name_bare(const char *record)
{
    if (str_starts_with(record, "struct "))
        return record + sizeof("struct ") - 1;
    if (str_starts_with(record, "union "))
        return record + sizeof("union ") - 1;
    return record;
}

/* A struct that a .c file defines for itself is another in another file. */
const char *name_field(const struct ir_unit *unit, ir_id at,
                       struct arena *arena)
{
    const struct ir_field *field = &unit->fields.items[at];
    const struct ir_record *record = &unit->records.items[field->record];
    const char *file = ir_text(unit, unit->files.items[record->loc.file].path);
    const char *name = name_bare(ir_text(unit, record->name));

    if (str_ends_with(file, ".c"))
        return arena_printf(arena, "%s:%s.%s", file, name,
                            ir_text(unit, field->name));
    return arena_printf(arena, "%s.%s", name, ir_text(unit, field->name));
}

static bool is_call(const struct flow *flow, uint32_t op)
{
    const struct ir_fn *ir = flow->fn->ir;

    return op - ir->first_op < ir->op_count;
}

/* A lock behind a pointer is of the pointer's class, whatever is known of the
 * value: `*cache.mutex`; or of the function that looks it up. */
static const char *class_behind(const struct flow *flow, node_id memory)
{
    const struct node *node = node_get(&flow->values, memory);
    const struct node *value = node_get(&flow->values, node->a);
    struct arena *arena = flow->program->arena;

    if (value->kind == VALUE_INIT)
        return arena_printf(arena, "*%s", name_class(flow, value->a));
    if (value->kind == VALUE_PHI)
        return arena_printf(arena, "*%s", name_class(flow, value->b));
    if (value->kind == VALUE_RESULT && !value->b && is_call(flow, value->a) &&
        site_at(flow, value->a)->callee.body)
        return arena_printf(arena, "*%s()",
                            site_at(flow, value->a)->callee.name);
    return arena_printf(arena, "%s:?%u", flow->fn->name, memory);
}

const char *name_class(const struct flow *flow, node_id place)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct node *node = node_get(&flow->values, place);
    struct arena *arena = flow->program->arena;

    switch ((enum node_kind)node->kind) {
    case NODE_FIELD:
        if (node->b & HIDDEN)
            return flow->hidden_fields.items[node->b & ~HIDDEN].class;
        return field_class(flow->program, flow->fn, node->b);
    case NODE_INDEX:
        return arena_printf(arena, "%s[]", name_class(flow, node->a));
    case NODE_GLOBAL:
        return place_global_name(flow, node);
    case NODE_VAR:
        /* What holds a result in between (`c ? a : b`) has no name. */
        if (node->a >= unit->vars.count)
            return arena_printf(arena, "%s:?%u", flow->fn->name, place);
        return arena_printf(arena, "%s:%s", flow->fn->name,
                            ir_text(unit, unit->vars.items[node->a].name));
    case NODE_MEMORY:
        return class_behind(flow, place);
    default:
        return arena_printf(arena, "%s:?%u", flow->fn->name, place);
    }
}

static bool is_made_up(const char *class)
{
    return str_starts_with(class + strspn(class, "*"), "asynclint_");
}

bool name_same_class(const char *one, const char *two)
{
    const char *first = strrchr(one, '.');
    const char *second = strrchr(two, '.');

    if (!strcmp(one, two))
        return true;
    return first && second && (is_made_up(one) || is_made_up(two)) &&
           (*one == '*') == (*two == '*') && !strcmp(first, second);
}

const char *name_numbered(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);
    struct arena *arena = flow->program->arena;
    int64_t index;

    if (node->kind == NODE_FIELD)
        return arena_printf(arena, "%s of %s", name_class(flow, place),
                            name_numbered(flow, node->a));
    if (node->kind == NODE_INDEX &&
        value_is_const(&flow->values, node->b, &index))
        return arena_printf(arena, "%s[%lld]", name_class(flow, node->a),
                            (long long)index);
    return name_class(flow, place);
}

const char *name_around(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);
    const struct node *around = node_get(&flow->values, node->a);
    const char *further;

    if (node->kind == NODE_MEMORY && around->kind == VALUE_INIT)
        return name_around(flow, around->a);
    if (node->kind != NODE_FIELD || around->kind != NODE_FIELD)
        return NULL;
    further = name_around(flow, node->a);
    return arena_printf(flow->program->arena, "%s %s",
                        name_class(flow, node->a), further ? further : "");
}

static ir_id lock_expr(const struct flow *flow, const struct site *site,
                       const struct effect *effect)
{
    const struct ir_unit *unit = flow->fn->unit;

    if (effect->on.base != PLACE_ARG || effect->on.arg < 0 ||
        (uint32_t)effect->on.arg >= site->args.count)
        return 0;
    return ir_list_at(unit, site->args, (uint32_t)effect->on.arg);
}

static const char *lock_name(struct flow *flow, const struct site *site,
                             const struct effect *effect, node_id lock)
{
    struct strbuf text = {.arena = flow->program->arena};
    ir_id expr = lock_expr(flow, site, effect);
    const struct ir_expr *found = &flow->fn->unit->exprs.items[expr];

    if (effect->on.base == PLACE_GLOBAL)
        return effect->on.global;
    if (!expr || found->kind == IR_EXPR_UNKNOWN)
        return name_class(flow, lock);
    ir_expr_write(flow->fn->unit, flow->fn->ir,
                  found->kind == IR_EXPR_ADDR ? found->a : expr, &text);
    for (int i = 0; i < effect->on.field_count; i++)
        strbuf_printf(&text, "->%s", effect->on.fields[i]);
    return strbuf_text(&text);
}

/* What a global pointer points to; that it is set once is taken for granted. */
static const char *instance_behind(const struct flow *flow, node_id pointer)
{
    const struct node *value = node_get(&flow->values, pointer);
    const char *base =
        value->kind == VALUE_INIT ? name_instance(flow, value->a) : NULL;

    return base ? arena_printf(flow->program->arena, "*%s", base) : NULL;
}

/* Where it starts at a global and goes on by fields, constant indices and
 * pointers. */
const char *name_instance(const struct flow *flow, node_id lock)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct node *node = node_get(&flow->values, lock);
    struct arena *arena = flow->program->arena;
    const char *base;
    const char *field;
    int64_t index;

    if (node->kind == NODE_GLOBAL)
        return place_global_name(flow, node);
    if (node->kind == NODE_INDEX &&
        value_is_const(&flow->values, node->b, &index)) {
        base = name_instance(flow, node->a);
        return base ? arena_printf(arena, "%s[%lld]", base, (long long)index)
                    : NULL;
    }
    if (node->kind == NODE_MEMORY)
        return instance_behind(flow, node->a);
    if (node->kind != NODE_FIELD)
        return NULL;
    base = name_instance(flow, node->a);
    field = node->b & HIDDEN
                ? flow->hidden_fields.items[node->b & ~HIDDEN].field
                : ir_text(unit, unit->fields.items[node->b].name);
    return base ? arena_printf(arena, "%s.%s", base, field) : NULL;
}

bool name_is_parameter(const struct flow *flow, node_id lock)
{
    const struct node *node = node_get(&flow->values, lock);

    if (node->kind == NODE_MEMORY)
        node = node_get(&flow->values, node->a);
    if (node->kind == VALUE_PHI)
        node = node_get(&flow->values, node->b);
    else if (node->kind == VALUE_INIT)
        node = node_get(&flow->values, node->a);
    else
        return false;
    return node->kind == NODE_VAR && ir_param(flow->fn->ir, node->a) >= 0;
}

struct lock_info name_lock(struct flow *flow, const struct site *site,
                           const struct effect *effect, node_id lock)
{
    struct lock_info info = {
        .name = lock_name(flow, site, effect, lock),
        .kind = effect->lock,
        .mode = effect->mode,
        .is_recursive = effect->is_recursive,
        .is_try = effect->is_try,
        .is_parameter = name_is_parameter(flow, lock),
        .is_section = effect->is_section,
        .is_said = effect->is_said,
        .is_nameless = place_is_hidden(flow, lock),
        .instance = name_instance(flow, lock),
    };

    info.class = effect->on.base == PLACE_GLOBAL ? effect->on.global
                                                 : name_class(flow, lock);
    return info;
}
