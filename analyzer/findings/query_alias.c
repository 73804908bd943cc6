/*
 * Other names for blocking locks. See query.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>

#include "findings/query.h"

enum { LONGEST_CHAIN = 8 }; /* typedefs of typedefs */

/* "mutex" or "lock", and no word on what kind of lock it is. */
static bool is_vague(const char *name)
{
    return (strcasestr(name, "mutex") || strcasestr(name, "lock")) &&
           !strcasestr(name, "block") && !strcasestr(name, "thread") &&
           !strcasestr(name, "spin") && !strcasestr(name, "clock");
}

static bool is_blocking_type(const struct model_view *view, const char *name,
                             bool *is_known)
{
    const struct type_meaning *meaning = model_type_find(view, name);

    *is_known = meaning && meaning->traits & TYPE_LOCK;
    return *is_known && meaning->lock != LOCK_ASYNC;
}

/* A typedef that no pack knows, of a type that one knows as a blocking lock. */
static const char *typedef_alias(const struct query *query, ir_id id)
{
    const struct ir_unit *unit = query->fn->unit;
    const char *alias = NULL;

    for (int i = 0; i < LONGEST_CHAIN && id; i++) {
        const struct ir_type *type = &unit->types.items[id];
        const char *name = ir_text(unit, type->name);
        bool is_known;

        if (type->kind == IR_TYPE_RECORD)
            name = ir_text(unit, unit->records.items[type->of].name);
        if (is_blocking_type(query->fn->view, name, &is_known))
            return alias;
        if (is_known || type->kind == IR_TYPE_RECORD)
            return NULL;
        if (type->kind == IR_TYPE_TYPEDEF && !alias && is_vague(name))
            alias = name;
        id = type->kind == IR_TYPE_TYPEDEF || type->kind == IR_TYPE_POINTER
                 ? type->of
                 : 0;
    }
    return NULL;
}

static const char *macro_alias(const struct query *query,
                               const struct ir_op *op)
{
    const struct ir_unit *unit = query->fn->unit;

    for (ir_id at = op->macro; at; at = unit->macros.items[at].parent) {
        const char *name = ir_text(unit, unit->macros.items[at].name);

        if (is_vague(name) && !model_macro_find(query->fn->view, name))
            return name;
    }
    return NULL;
}

static const char *alias_of(const struct query *query,
                            const struct event *event)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = &unit->ops.items[event->op];
    const char *alias = macro_alias(query, op);

    for (uint32_t i = 0; !alias && i < op->args.count; i++) {
        const struct ir_expr *expr =
            &unit->exprs.items[ir_list_at(unit, op->args, i)];

        if (expr->kind == IR_EXPR_ADDR)
            expr = &unit->exprs.items[expr->a];
        alias = typedef_alias(query, expr->type);
    }
    return alias;
}

static bool is_async_file(const struct query *query)
{
    for (uint32_t i = 0; i < query->program->fns.count; i++) {
        const struct fn *fn = query->program->fns.items[i];

        if (fn->async_pack && !strcmp(fn->file, query->fn->file))
            return true;
    }
    return false;
}

static bool is_met_before(const struct query *query, const struct event *until,
                          const char *alias)
{
    for (uint32_t i = 0; i < query->program->fns.count; i++) {
        struct query there = *query;

        there.fn = query->program->fns.items[i];
        if (strcmp(there.fn->file, query->fn->file) != 0)
            continue;
        for_each_event(&there, event, EVENT_ACQUIRE) {
            const char *other;

            if (event == until)
                return false;
            other =
                lock_is_blocking(&event->lock) ? alias_of(&there, event) : NULL;
            if (other && !strcmp(other, alias))
                return true;
        }
    }
    return false;
}

const char *query_lock_alias(const struct query *query,
                             const struct event *event)
{
    const char *alias =
        lock_is_blocking(&event->lock) ? alias_of(query, event) : NULL;

    if (!alias || !is_async_file(query) || is_met_before(query, event, alias))
        return NULL;
    return alias;
}
