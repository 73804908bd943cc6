/*
 * The IR as text, one op a line, see ir_print.h. What is printed is stable:
 * golden tests compare it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/ir_print.h"

#include <inttypes.h>

static const struct ir_expr *expr_get(const struct ir_unit *unit, ir_id expr)
{
    return &unit->exprs.items[expr];
}

/* The type as C would name it. */
static void ir_type_print(const struct ir_unit *unit, ir_id type,
                          struct strbuf *out)
{
    const struct ir_type *found = &unit->types.items[type];

    switch ((enum ir_type_kind)found->kind) {
    case IR_TYPE_POINTER:
        ir_type_print(unit, found->of, out);
        strbuf_add(out, " *");
        break;
    case IR_TYPE_ARRAY:
        ir_type_print(unit, found->of, out);
        strbuf_add(out, " []");
        break;
    case IR_TYPE_FUNCTION:
        ir_type_print(unit, found->of, out);
        strbuf_add(out, " ()");
        break;
    case IR_TYPE_RECORD:
        strbuf_add(out, ir_text(unit, unit->records.items[found->of].name));
        break;
    default:
        strbuf_add(out, found->name ? ir_text(unit, found->name) : "?");
    }
}

static void string_print(const char *text, struct strbuf *out)
{
    enum { SHOWN = 24 }; /* enough to recognise a literal by */

    strbuf_add(out, "\"");
    for (int i = 0; text[i] && i < SHOWN; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte < ' ' || byte > '~' || byte == '"' || byte == '\\')
            strbuf_printf(out, "\\x%02x", byte);
        else
            strbuf_add_bytes(out, text + i, 1);
    }
    strbuf_add(out, "\"");
}

static void field_print(const struct ir_unit *unit, const struct ir_fn *fn,
                        const struct ir_expr *expr, struct strbuf *out)
{
    const struct ir_expr *base = expr_get(unit, expr->a);
    const char *name = ir_text(unit, unit->fields.items[expr->field].name);

    if (base->kind == IR_EXPR_DEREF) {
        ir_expr_print(unit, fn, base->a, out);
        strbuf_printf(out, "->%s", name);
    } else {
        ir_expr_print(unit, fn, expr->a, out);
        strbuf_printf(out, ".%s", name);
    }
}

static void index_print(const struct ir_unit *unit, const struct ir_fn *fn,
                        const struct ir_expr *expr, struct strbuf *out)
{
    const struct ir_expr *base = expr_get(unit, expr->a);

    ir_expr_print(unit, fn, base->kind == IR_EXPR_DEREF ? base->a : expr->a,
                  out);
    strbuf_add(out, "[");
    ir_expr_print(unit, fn, expr->b, out);
    strbuf_add(out, "]");
}

static void var_print(const struct ir_unit *unit, const struct ir_fn *fn,
                      ir_id var, struct strbuf *out)
{
    const char *name = ir_text(unit, unit->vars.items[var].name);

    if (unit->vars.items[var].flags & IR_VAR_MACRO_SCOPE)
        strbuf_printf(out, "<%s>", name);
    else if (*name)
        strbuf_add(out, name);
    else
        strbuf_printf(out, "$%u", var - fn->first_var);
}

/* A flat switch over the kinds. */
void ir_expr_print(const struct ir_unit *unit, const struct ir_fn *fn, ir_id id,
                   struct strbuf *out)
{
    const struct ir_expr *expr = expr_get(unit, id);

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_NONE:
        strbuf_add(out, "none");
        break;
    case IR_EXPR_UNKNOWN:
        strbuf_printf(out, "?%s", ir_text(unit, expr->text));
        break;
    case IR_EXPR_CONST:
        strbuf_printf(out, "%" PRId64, expr->value);
        break;
    case IR_EXPR_STRING:
        string_print(ir_text(unit, expr->text), out);
        break;
    case IR_EXPR_FN:
    case IR_EXPR_GLOBAL:
        strbuf_add(out, ir_text(unit, unit->symbols.items[expr->symbol].name));
        break;
    case IR_EXPR_VAR:
        var_print(unit, fn, expr->var, out);
        break;
    case IR_EXPR_TEMP:
        strbuf_printf(out, "%%%u", expr->op - fn->first_op);
        break;
    case IR_EXPR_FIELD:
        field_print(unit, fn, expr, out);
        break;
    case IR_EXPR_DEREF:
        strbuf_add(out, "*");
        ir_expr_print(unit, fn, expr->a, out);
        break;
    case IR_EXPR_INDEX:
        index_print(unit, fn, expr, out);
        break;
    case IR_EXPR_ADDR:
        strbuf_add(out, "&");
        ir_expr_print(unit, fn, expr->a, out);
        break;
    case IR_EXPR_UNARY:
        strbuf_add(out, ir_operator_text(expr->operator));
        ir_expr_print(unit, fn, expr->a, out);
        break;
    case IR_EXPR_BINARY:
        strbuf_add(out, "(");
        ir_expr_print(unit, fn, expr->a, out);
        strbuf_printf(out, " %s ", ir_operator_text(expr->operator));
        ir_expr_print(unit, fn, expr->b, out);
        strbuf_add(out, ")");
        break;
    case IR_EXPR_ZERO:
        strbuf_add(out, "zero");
        break;
    }
}

static void list_print(const struct ir_unit *unit, const struct ir_fn *fn,
                       struct ir_list list, struct strbuf *out)
{
    strbuf_add(out, "(");
    for (uint32_t i = 0; i < list.count; i++) {
        if (i)
            strbuf_add(out, ", ");
        ir_expr_print(unit, fn, ir_list_at(unit, list, i), out);
    }
    strbuf_add(out, ")");
}

static void call_print(const struct ir_unit *unit, const struct ir_fn *fn,
                       const struct ir_op *op, struct strbuf *out)
{
    ir_id at = (ir_id)(op - unit->ops.items);

    strbuf_printf(out, "%%%u = ", at - fn->first_op);
    if (op->prefix)
        strbuf_printf(out, "<%s> ", ir_text(unit, op->prefix));
    strbuf_add(out, "call ");
    ir_expr_print(unit, fn, op->a, out);
    list_print(unit, fn, op->args, out);
    if (op->flags & IR_OP_CLEANUP)
        strbuf_add(out, " cleanup");
    if (op->flags & IR_OP_UNUSED)
        strbuf_add(out, op->flags & IR_OP_VOIDED ? " voided" : " unused");
}

/* A flat switch over the kinds. */
static void op_body_print(const struct ir_unit *unit, const struct ir_fn *fn,
                          const struct ir_op *op, struct strbuf *out)
{
    static const char *const names[] = {
#define OP(name, printed, terminator) printed,
#include "ir/ir_ops.def"
#undef OP
    };

    switch ((enum ir_op_kind)op->kind) {
    case IR_CALL:
        call_print(unit, fn, op, out);
        return;
    case IR_ASSIGN:
        ir_expr_print(unit, fn, op->a, out);
        strbuf_add(out, op->flags & IR_OP_INIT ? " := " : " = ");
        ir_expr_print(unit, fn, op->b, out);
        return;
    case IR_SCOPE_ENTER:
    case IR_SCOPE_EXIT:
        strbuf_printf(out, "%s ", names[op->kind]);
        var_print(unit, fn, op->a, out);
        return;
    case IR_MACRO_BEGIN:
    case IR_MACRO_END:
        strbuf_printf(out, "%s %s", names[op->kind],
                      ir_text(unit, unit->macros.items[op->a].name));
        if (op->kind == IR_MACRO_BEGIN)
            list_print(unit, fn, unit->macros.items[op->a].args, out);
        return;
    default:
        strbuf_add(out, names[op->kind]);
        if (op->a) {
            strbuf_add(out, " ");
            ir_expr_print(unit, fn, op->a, out);
        }
        if (op->args.count)
            list_print(unit, fn, op->args, out);
    }
}

void ir_op_print(const struct ir_unit *unit, const struct ir_fn *fn,
                 const struct ir_op *op, struct strbuf *out)
{
    op_body_print(unit, fn, op, out);
    if (op->macro)
        strbuf_printf(out, " in %s",
                      ir_text(unit, unit->macros.items[op->macro].name));
    strbuf_printf(out, " @%u:%u", op->loc.line, op->loc.column);
}

void ir_edges_print(const struct ir_unit *unit, const struct ir_fn *fn,
                    const struct ir_block *block, struct strbuf *out)
{
    for (uint32_t i = 0; i < block->edge_count; i++) {
        const struct ir_edge *edge = &unit->edges.items[block->first_edge + i];

        strbuf_printf(out, "%s b%u", i ? "," : " ->",
                      edge->block - fn->first_block);
        if (edge->kind == IR_EDGE_TRUE)
            strbuf_add(out, " if true");
        else if (edge->kind == IR_EDGE_FALSE)
            strbuf_add(out, " if false");
        else if (edge->kind == IR_EDGE_DEFAULT)
            strbuf_add(out, " by default");
        else if (edge->kind == IR_EDGE_CASE && edge->low == edge->high)
            strbuf_printf(out, " if %" PRId64, edge->low);
        else if (edge->kind == IR_EDGE_CASE)
            strbuf_printf(out, " if %" PRId64 "..%" PRId64, edge->low,
                          edge->high);
    }
}

static void words_print(const struct ir_unit *unit, struct ir_list list,
                        const char *mark, struct strbuf *out)
{
    for (uint32_t i = 0; i < list.count; i++)
        strbuf_printf(out, " %s%s", mark,
                      ir_text(unit, ir_list_at(unit, list, i)));
}

void ir_fn_head_print(const struct ir_unit *unit, const struct ir_fn *fn,
                      struct strbuf *out)
{
    const struct ir_symbol *symbol = &unit->symbols.items[fn->symbol];

    strbuf_printf(out, "fn %s(", ir_text(unit, symbol->name));
    for (uint32_t i = 0; i < fn->param_count; i++) {
        const struct ir_var *var = &unit->vars.items[fn->first_var + i];

        strbuf_add(out, i ? ", " : "");
        ir_type_print(unit, var->type, out);
        strbuf_printf(out, " %s", ir_text(unit, var->name));
    }
    strbuf_add(out, ")");
    if (symbol->flags & IR_SYMBOL_STATIC)
        strbuf_add(out, " static");
    words_print(unit, symbol->annotations, "@", out);
    words_print(unit, symbol->words, "#", out);
    strbuf_printf(out, " at %s:%u\n",
                  ir_text(unit, unit->files.items[fn->loc.file].path),
                  fn->loc.line);
}

static void ir_fn_print(const struct ir_unit *unit, const struct ir_fn *fn,
                        struct strbuf *out)
{
    ir_fn_head_print(unit, fn, out);
    for (uint32_t i = 0; i < fn->block_count; i++) {
        const struct ir_block *block = ir_block(unit, fn, i);

        strbuf_printf(out, "  b%u:%s\n", i,
                      block->flags & IR_BLOCK_LOOP ? " loop" : "");
        for (uint32_t at = 0; at < block->op_count; at++) {
            strbuf_add(out, "    ");
            ir_op_print(unit, fn, &unit->ops.items[block->first_op + at], out);
            if (at + 1 == block->op_count)
                ir_edges_print(unit, fn, block, out);
            strbuf_add(out, "\n");
        }
    }
}

void ir_unit_print(const struct ir_unit *unit, struct strbuf *out)
{
    strbuf_printf(out, "unit %s\n",
                  ir_text(unit, unit->files.items[unit->main_file].path));
    for (uint32_t i = 1; i < unit->notes.count; i++)
        strbuf_printf(out, "not analysed: %s at line %u\n",
                      ir_text(unit, unit->notes.items[i].reason),
                      unit->notes.items[i].loc.line);
    for (uint32_t i = 1; i < unit->fns.count; i++)
        ir_fn_print(unit, &unit->fns.items[i], out);
}
