/*
 * Expressions as their writer would know them again, for messages: what a call
 * returned is the call, what the IR had to give a name to is what it was
 * given. See ir_print.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>

#include "ir/ir_print.h"

enum { DEEPEST_CALLS = 3 }; /* f(g(h(…))): who it is, is clear by then */

struct writer {
    const struct ir_unit *unit;
    const struct ir_fn *fn;
    struct strbuf *out;
    int depth;
};

static void expr_write(struct writer *writer, ir_id id);

static const struct ir_expr *expr_get(const struct writer *writer, ir_id id)
{
    return &writer->unit->exprs.items[id];
}

static void call_write(struct writer *writer, ir_id at)
{
    const struct ir_op *op = &writer->unit->ops.items[at];

    expr_write(writer, op->a);
    if (++writer->depth > DEEPEST_CALLS) {
        strbuf_add(writer->out, "(…)");
    } else {
        strbuf_add(writer->out, "(");
        for (uint32_t i = 0; i < op->args.count; i++) {
            strbuf_add(writer->out, i ? ", " : "");
            expr_write(writer, ir_list_at(writer->unit, op->args, i));
        }
        strbuf_add(writer->out, ")");
    }
    writer->depth--;
}

/* A value that two branches make (`?:`), or an operator with a call in it: by
 * what it is given. */
static void nameless_write(struct writer *writer, ir_id var)
{
    const struct ir_fn *fn = writer->fn;
    ir_id given[2] = {0};
    int count = 0;

    for (uint32_t i = 0; i < fn->op_count; i++) {
        const struct ir_op *op = &writer->unit->ops.items[fn->first_op + i];

        if (ir_op_sets(writer->unit, op, var)) {
            given[count > 0] = op->b;
            count++;
        }
    }
    if (++writer->depth > DEEPEST_CALLS || !count || count > 2) {
        strbuf_add(writer->out, "…");
    } else if (count == 1) {
        expr_write(writer, given[0]);
    } else {
        strbuf_add(writer->out, "(… ? ");
        expr_write(writer, given[0]);
        strbuf_add(writer->out, " : ");
        expr_write(writer, given[1]);
        strbuf_add(writer->out, ")");
    }
    writer->depth--;
}

static void var_write(struct writer *writer, ir_id var)
{
    const char *name =
        ir_text(writer->unit, writer->unit->vars.items[var].name);

    if (*name)
        strbuf_add(writer->out, name);
    else
        nameless_write(writer, var);
}

static void binary_write(struct writer *writer, const struct ir_expr *expr)
{
    expr_write(writer, expr->a);
    strbuf_add(writer->out, " ");
    strbuf_add(writer->out, ir_operator_text(expr->operator));
    strbuf_add(writer->out, " ");
    expr_write(writer, expr->b);
}

static void field_write(struct writer *writer, const struct ir_expr *expr)
{
    const struct ir_expr *base = expr_get(writer, expr->a);
    const char *name =
        ir_text(writer->unit, writer->unit->fields.items[expr->field].name);
    bool is_arrow = base->kind == IR_EXPR_DEREF;

    expr_write(writer, is_arrow ? base->a : expr->a);
    /* A field of a struct without a name is its owner's. */
    if (!*name)
        return;
    strbuf_add(writer->out, is_arrow ? "->" : ".");
    strbuf_add(writer->out, name);
}

static void index_write(struct writer *writer, const struct ir_expr *expr)
{
    const struct ir_expr *base = expr_get(writer, expr->a);

    expr_write(writer, base->kind == IR_EXPR_DEREF ? base->a : expr->a);
    strbuf_add(writer->out, "[");
    expr_write(writer, expr->b);
    strbuf_add(writer->out, "]");
}

/* A flat switch over the kinds. */
static void expr_write(struct writer *writer, ir_id id)
{
    const struct ir_expr *expr = expr_get(writer, id);

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_TEMP:
        call_write(writer, expr->op);
        break;
    case IR_EXPR_VAR:
        var_write(writer, expr->var);
        break;
    case IR_EXPR_FIELD:
        field_write(writer, expr);
        break;
    case IR_EXPR_INDEX:
        index_write(writer, expr);
        break;
    case IR_EXPR_DEREF:
    case IR_EXPR_ADDR:
    case IR_EXPR_UNARY:
        strbuf_add(writer->out, expr->kind == IR_EXPR_DEREF ? "*"
                                : expr->kind == IR_EXPR_ADDR
                                    ? "&"
                                    : ir_operator_text(expr->operator));
        expr_write(writer, expr->a);
        break;
    case IR_EXPR_BINARY:
        strbuf_add(writer->out, "(");
        binary_write(writer, expr);
        strbuf_add(writer->out, ")");
        break;
    case IR_EXPR_UNKNOWN:
        strbuf_add(writer->out, "…");
        break;
    case IR_EXPR_ZERO:
        strbuf_add(writer->out, "0");
        break;
    default:
        ir_expr_print(writer->unit, writer->fn, id, writer->out);
    }
}

void ir_expr_write(const struct ir_unit *unit, const struct ir_fn *fn,
                   ir_id expr, struct strbuf *out)
{
    struct writer writer = {unit, fn, out, 0};

    if (unit->exprs.items[expr].kind == IR_EXPR_BINARY)
        binary_write(&writer, &unit->exprs.items[expr]);
    else
        expr_write(&writer, expr);
}

const char *ir_expr_text(const struct ir_unit *unit, const struct ir_fn *fn,
                         ir_id expr, struct arena *arena)
{
    struct strbuf text = {.arena = arena};

    ir_expr_write(unit, fn, expr, &text);
    return strbuf_text(&text);
}
