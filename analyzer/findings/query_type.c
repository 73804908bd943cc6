/*
 * What a type leads to, see query_type.h: through its fields, by value and
 * through pointers, nearest first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_type.h"

#include "base/str.h"
#include "engine/callee.h"
#include "findings/check.h"
#include "ir/ir_print.h"

enum {
    /* What is further away than that is a program's whole world, and not what
     * a task was given. */
    MOST_POINTERS = 2,
    MOST_TYPES = 200, /* that are looked at for one argument */
};

/* A type on the way, and the field by which it was got to. */
struct visit {
    ir_id type;
    ir_id field;
    int from; /* the visit before, or -1 */
    int pointers;
};

struct walk {
    const struct ir_unit *unit;
    struct visit visits[MOST_TYPES];
    int count;
};

static void visit_add(struct walk *walk, struct visit visit)
{
    const struct ir_type *type = ir_type_strip(walk->unit, visit.type);

    for (int i = 0; i < walk->count; i++)
        if (walk->visits[i].type == visit.type ||
            (type->kind == IR_TYPE_RECORD &&
             ir_type_strip(walk->unit, walk->visits[i].type) == type))
            return;
    if (walk->count < MOST_TYPES && visit.pointers <= MOST_POINTERS)
        walk->visits[walk->count++] = visit;
}

/* The name under which a pack says so, or NULL. */
static const char *trait_name(const struct fn *fn, ir_id id, uint32_t trait)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_type *type = &unit->types.items[id];
    const char *name = ir_text(unit, type->name);
    const struct type_meaning *meaning;

    if (type->kind == IR_TYPE_RECORD)
        name = ir_text(unit, unit->records.items[type->of].name);
    else if (type->kind != IR_TYPE_TYPEDEF)
        return NULL;
    meaning = model_type_find(fn->view, name);
    return meaning && meaning->traits & trait ? name : NULL;
}

bool query_type_has(const struct fn *fn, ir_id type, uint32_t trait)
{
    return trait_name(fn, type, trait);
}

static void type_expand(struct walk *walk, int at)
{
    const struct ir_unit *unit = walk->unit;
    struct visit visit = walk->visits[at];
    const struct ir_type *type = &unit->types.items[visit.type];
    struct visit next = {.from = at, .pointers = visit.pointers};

    if (type->kind == IR_TYPE_RECORD) {
        const struct ir_record *record = &unit->records.items[type->of];

        for (uint32_t i = 0; i < record->field_count; i++) {
            next.field = record->first_field + i;
            next.type = unit->fields.items[next.field].type;
            visit_add(walk, next);
        }
    } else if (type->kind == IR_TYPE_POINTER || type->kind == IR_TYPE_ARRAY ||
               type->kind == IR_TYPE_TYPEDEF) {
        next.type = type->of;
        next.pointers += type->kind == IR_TYPE_POINTER;
        visit_add(walk, next);
    }
}

static void path_print(const struct walk *walk, int at, struct strbuf *out)
{
    if (walk->visits[at].from >= 0)
        path_print(walk, walk->visits[at].from, out);
    if (walk->visits[at].field)
        strbuf_printf(
            out, ".%s",
            ir_text(walk->unit,
                    walk->unit->fields.items[walk->visits[at].field].name));
}

static bool arg_search(struct check *check, const struct query *query,
                       ir_id expr, struct type_found *found)
{
    const struct ir_unit *unit = query->fn->unit;
    struct walk *walk = arena_alloc(check_arena(check), sizeof(*walk));
    struct strbuf path = {.arena = check_arena(check)};

    *walk = (struct walk){.unit = unit};
    visit_add(walk, (struct visit){.type = unit->exprs.items[expr].type,
                                   .from = -1,
                                   .pointers = -1});
    for (int i = 0; i < walk->count; i++) {
        found->type =
            trait_name(query->fn, walk->visits[i].type, TYPE_NOT_SEND);
        if (!found->type) {
            type_expand(walk, i);
            continue;
        }
        ir_expr_write(unit, query->fn->ir, expr, &path);
        path_print(walk, i, &path);
        found->path = strbuf_text(&path);
        return true;
    }
    return false;
}

bool query_not_send(struct check *check, const struct query *query,
                    const struct event *spawn, struct type_found *found)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = &unit->ops.items[spawn->op];

    for (uint32_t i = (uint32_t)spawn->first_given; i < op->args.count; i++)
        if (arg_search(check, query, ir_list_at(unit, op->args, i), found))
            return true;
    return false;
}
