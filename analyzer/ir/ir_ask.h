/*
 * Small questions about a unit of IR; those about which two things are one are
 * in ir_same.h. Part of ir.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_IR_IR_ASK_H
#define ASYNCLINT_IR_IR_ASK_H

#include "ir/ir.h"

static inline const char *ir_text(const struct ir_unit *unit, ir_str str)
{
    return unit->text.items + str;
}

/* What stands in a list, counting from 0. */
static inline uint32_t ir_list_at(const struct ir_unit *unit,
                                  struct ir_list list, uint32_t at)
{
    return unit->lists.items[list.first + at];
}

/* Whether the list of strings has one that matches. */
bool ir_list_has_str(const struct ir_unit *unit, struct ir_list list,
                     const char *text);

/* ---- types and fields */

/* The type with typedefs looked through. */
const struct ir_type *ir_type_strip(const struct ir_unit *unit, ir_id type);

/* With typedefs looked through: it is a pointer; a pointer, a number, an enum
 * or a truth; what a function of that type returns, or the type itself. */
bool ir_type_is_pointer(const struct ir_unit *unit, ir_id type);
bool ir_type_is_scalar(const struct ir_unit *unit, ir_id type);
const struct ir_type *ir_type_returned(const struct ir_unit *unit, ir_id type);

/* The record a type is or points to (through typedefs, arrays and one
 * pointer), or 0. */
ir_id ir_type_record(const struct ir_unit *unit, ir_id type);

/* The field of that name, also of the anonymous structs inside; or 0. */
ir_id ir_field_find(const struct ir_unit *unit, ir_id record, const char *name);

/* ---- expressions */

/* Whether `a` and `b` of the expression are expressions. */
static inline bool ir_expr_has_second(const struct ir_expr *expr)
{
    return expr->kind == IR_EXPR_INDEX || expr->kind == IR_EXPR_BINARY;
}

static inline bool ir_expr_has_first(const struct ir_expr *expr)
{
    return expr->kind == IR_EXPR_FIELD || expr->kind == IR_EXPR_DEREF ||
           expr->kind == IR_EXPR_ADDR || expr->kind == IR_EXPR_UNARY ||
           ir_expr_has_second(expr);
}

static inline bool ir_is_constant(const struct ir_expr *expr)
{
    return expr->kind == IR_EXPR_CONST || expr->kind == IR_EXPR_ZERO;
}

/* Whether the expression is that variable, and no more. */
static inline bool ir_is_var(const struct ir_unit *unit, ir_id expr, ir_id var)
{
    const struct ir_expr *found = &unit->exprs.items[expr];

    return found->kind == IR_EXPR_VAR && found->var == var;
}

/* `&var`, and not only what it points to. */
static inline bool ir_is_var_address(const struct ir_unit *unit, ir_id expr,
                                     ir_id var)
{
    const struct ir_expr *found = &unit->exprs.items[expr];

    return found->kind == IR_EXPR_ADDR && ir_is_var(unit, found->a, var);
}

/* The result of an operator on constants; false: it overflows, or is one that
 * no branch is made of. */
bool ir_operator_fold(enum ir_operator operator, int64_t a, int64_t b,
                      int64_t *value);

const char *ir_operator_text(enum ir_operator operator);

/* ---- ops */

/* What the op uses besides its arguments, as a value: what is called, stored,
 * asked or returned; 0: nothing. */
ir_id ir_op_value(const struct ir_op *op);

/* Whether the op gives the variable a value as a whole. */
static inline bool ir_op_sets(const struct ir_unit *unit,
                              const struct ir_op *op, ir_id var)
{
    return op->kind == IR_ASSIGN && ir_is_var(unit, op->a, var);
}

/* Whether the op puts the result of that call somewhere. */
static inline bool ir_op_keeps(const struct ir_unit *unit,
                               const struct ir_op *op, ir_id call)
{
    const struct ir_expr *value = &unit->exprs.items[op->b];

    return op->kind == IR_ASSIGN && value->kind == IR_EXPR_TEMP &&
           value->op == call;
}

/* A CALL's direct callee as a symbol id, or 0 for an indirect call. */
ir_id ir_call_symbol(const struct ir_unit *unit, const struct ir_op *call);

/* A call's argument, counting from 0, or 0: it has not that many. */
static inline ir_id ir_call_arg(const struct ir_unit *unit, ir_id call, int arg)
{
    struct ir_list args = unit->ops.items[call].args;

    return arg >= 0 && (uint32_t)arg < args.count
               ? ir_list_at(unit, args, (uint32_t)arg)
               : 0;
}

/* ---- functions */

/* A block of the function, counting from its entry. */
static inline const struct ir_block *
ir_block(const struct ir_unit *unit, const struct ir_fn *fn, uint32_t at)
{
    return &unit->blocks.items[fn->first_block + at];
}

/* The op that ends it. */
static inline const struct ir_op *ir_block_end(const struct ir_unit *unit,
                                               const struct ir_block *block)
{
    return &unit->ops.items[block->first_op + block->op_count - 1];
}

/* Whether the unit calls a function of that name, by its name. */
bool ir_unit_calls(const struct ir_unit *unit, const char *name);

/* Which of the function's parameters a variable is, or -1. */
static inline int ir_param(const struct ir_fn *fn, ir_id var)
{
    uint32_t at = var - fn->first_var;

    return at < fn->param_count ? (int)at : -1;
}

#endif
