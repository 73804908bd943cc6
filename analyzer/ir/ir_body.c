/*
 * Bodies, wherever they stand: what the ops do, to which fields and globals.
 * Which variable and which number it is, makes no difference.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/ir_body.h"

#include <string.h>

#include "base/bytes.h"
#include "ir/ir_same.h"

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

static struct digest body_digest(const struct ir_unit *unit,
                                 const struct ir_fn *fn, struct strbuf *scratch)
{
    scratch->length = 0;
    bytes_add_number(scratch, fn->flags);
    for (uint32_t i = 0; i < fn->op_count; i++)
        op_add(scratch, unit, &unit->ops.items[fn->first_op + i]);
    return digest_of(scratch->text, scratch->length);
}

void ir_bodies_mark(struct ir_unit *unit)
{
    struct arena arena = {0};
    struct strbuf scratch = {.arena = &arena};

    for (uint32_t i = 0; i < unit->fns.count; i++) {
        struct ir_fn *fn = &unit->fns.items[i];

        fn->body = body_digest(unit, fn, &scratch);
    }
    arena_finish(&arena);
}
