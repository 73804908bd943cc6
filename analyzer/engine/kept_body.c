/*
 * Bodies, see kept_body.h: what their ops do to which fields and globals,
 * wherever they stand. A body in a circle may not be solved yet, and what is
 * known of it now is not what will be known of it: then nothing is remembered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/kept_body.h"

#include "base/bytes.h"
#include "engine/callee.h"
#include "ir/ir_same.h"

enum { MOST_BODIES = 4096 }; /* looked at for one function */

/* ---- one body */

/* A record without a name is named after its place, which may move; then its
 * number in the unit will do. */
static void record_add(struct strbuf *out, const struct ir_unit *unit,
                       const struct ir_expr *expr, const char *record)
{
    if (strpbrk(record, "(:"))
        bytes_add_number(out, unit->fields.items[expr->field].record);
    else
        bytes_add_text(out, record);
}

static void expr_add(struct strbuf *out, const struct ir_unit *unit, ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];
    struct ir_named named;

    bytes_add_number(out, expr->kind);
    if (ir_named_of(unit, expr, &named)) {
        if (named.record)
            record_add(out, unit, expr, named.record);
        bytes_add_text(out, named.name);
    }
    if (expr->kind == IR_EXPR_DEREF)
        bytes_add_number(out, ir_type_strip(unit, expr->type)->kind);
    if (ir_expr_has_first(expr))
        expr_add(out, unit, expr->a);
    if (ir_expr_has_second(expr))
        expr_add(out, unit, expr->b);
}

static void op_add(struct strbuf *out, const struct ir_unit *unit,
                   const struct ir_op *op)
{
    bytes_add_number(out, (uint32_t)op->kind << 16 | op->flags);
    bytes_add_number(out, op->args.count);
    for (uint32_t i = 0; i < op->args.count; i++)
        expr_add(out, unit, ir_list_at(unit, op->args, i));
    if (op->kind == IR_ASSIGN)
        expr_add(out, unit, op->a);
    if (op->kind != IR_CALL)
        expr_add(out, unit, ir_op_value(op));
}

static struct digest text_digest(struct kept_keys *keys, const struct fn *fn)
{
    struct digest *known = &keys->texts[fn->number];
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};

    if (known->low || known->high)
        return *known;
    bytes_add_number(&out, fn->ir->flags);
    for (uint32_t i = 0; i < fn->ir->op_count; i++)
        op_add(&out, fn->unit, &fn->unit->ops.items[fn->ir->first_op + i]);
    *known = digest_of(out.text, out.length);
    arena_finish(&scratch);
    return *known;
}

/* ---- and those that it calls */

struct look {
    struct kept_keys *keys;
    int left;     /* bodies that may be looked at */
    bool is_open; /* one of them was not solved yet */
};

static struct digest body_digest(struct look *look, const struct fn *fn,
                                 uint32_t depth);

static void callee_add(struct look *look, struct strbuf *out,
                       const struct fn *fn, const struct callee *callee,
                       uint32_t depth)
{
    const struct fn *body = callee->meaning ? NULL : callee->body;

    bytes_add_number(out, (uint32_t)callee->is_call << 2 |
                              (uint32_t)callee->is_indirect << 1 |
                              (body && body->summary.never_returns));
    if (callee->meaning)
        bytes_add_digest(out, kept_meaning(look->keys, callee->meaning));
    else if (!body)
        bytes_add_text(out, callee->name ? callee->name : "");
    else if (body != fn && depth < DEEPEST_BODY)
        bytes_add_digest(out, body_digest(look, body, depth + 1));
}

static void body_add(struct look *look, struct strbuf *out, const struct fn *fn,
                     uint32_t depth)
{
    bytes_add_digest(out, text_digest(look->keys, fn));
    look->is_open |= !look->keys->views[fn->number].is_known;
    for (uint32_t i = 0; i < fn->callees->items.count; i++)
        callee_add(look, out, fn, &fn->callees->items.items[i].callee, depth);
}

static struct digest body_digest(struct look *look, const struct fn *fn,
                                 uint32_t depth)
{
    struct digest *known =
        &look->keys->bodies[fn->number * DEEPEST_BODY + depth - 1];
    struct arena scratch = {0};
    struct strbuf out = {.arena = &scratch};
    bool was_open = look->is_open;
    struct digest digest = *known;

    if (digest.low || digest.high || look->left-- <= 0)
        return digest;
    look->is_open = false;
    body_add(look, &out, fn, depth);
    digest = digest_of(out.text, out.length);
    if (!look->is_open && look->left > 0)
        *known = digest;
    look->is_open |= was_open;
    arena_finish(&scratch);
    return digest;
}

bool kept_bodies_add(struct kept_keys *keys, const struct fn *fn)
{
    struct look look = {.keys = keys, .left = MOST_BODIES};

    body_add(&look, &keys->key, fn, 0);
    return look.left > 0;
}
