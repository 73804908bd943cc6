/*
 * Making expressions. What can be folded without knowing the program is
 * folded here, so that everyone behind sees one spelling of one thing: `*&x`
 * is `x`, `!!c` in a condition is `c`, `p[0]` is `*p`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/lower.h"

static const struct ir_expr *expr_get(const struct lower *lower, ir_id expr)
{
    return &lower->unit->exprs.items[expr];
}

ir_id node_add(struct lower *lower, struct ir_expr expr)
{
    vec_add(lower->arena, &lower->unit->exprs, expr);
    return lower->unit->exprs.count - 1;
}

ir_id node_const(struct lower *lower, int64_t value)
{
    return node_add(lower,
                    (struct ir_expr){.kind = IR_EXPR_CONST, .value = value});
}

ir_id node_unknown(struct lower *lower, const char *why, ir_id type)
{
    struct ir_expr expr = {.kind = IR_EXPR_UNKNOWN, .type = type};

    expr.text = lower_str(lower, why);
    return node_add(lower, expr);
}

bool node_is_const(const struct lower *lower, ir_id expr, int64_t *value)
{
    const struct ir_expr *found = expr_get(lower, expr);

    *value = found->kind == IR_EXPR_CONST ? found->value : 0;
    return ir_is_constant(found);
}

ir_id node_unary(struct lower *lower, enum ir_operator operator, ir_id a)
{
    struct ir_expr expr = {.kind = IR_EXPR_UNARY,
                           .type = expr_get(lower, a)->type};
    int64_t value;

    expr.operator=(uint8_t) operator;
    expr.a = a;
    if (!node_is_const(lower, a, &value))
        return node_add(lower, expr);
    if (operator== IR_NOT)
        return node_const(lower, !value);
    if (operator== IR_INVERT)
        return node_const(lower, ~value);
    return node_const(lower, (int64_t)(0 - (uint64_t)value));
}

ir_id node_binary(struct lower *lower, enum ir_operator operator, ir_id a,
                  ir_id b)
{
    struct ir_expr expr = {.kind = IR_EXPR_BINARY,
                           .type = expr_get(lower, a)->type};
    int64_t left;
    int64_t right;
    int64_t value;

    expr.operator=(uint8_t) operator;
    expr.a = a;
    expr.b = b;
    if (node_is_const(lower, a, &left) && node_is_const(lower, b, &right) &&
        ir_operator_fold(operator, left, right, &value))
        return node_const(lower, value);
    return node_add(lower, expr);
}

ir_id node_field(struct lower *lower, ir_id base, ir_id field)
{
    const struct ir_field *found = &lower->unit->fields.items[field];
    struct ir_expr expr = {.kind = IR_EXPR_FIELD, .type = found->type};

    /* Members of an anonymous struct or union belong to the one around it. */
    if (!found->name)
        return base;
    expr.a = base;
    expr.field = field;
    return node_add(lower, expr);
}

static ir_id pointee(const struct lower *lower, ir_id pointer)
{
    const struct ir_type *type =
        ir_type_strip(lower->unit, expr_get(lower, pointer)->type);

    if (type->kind == IR_TYPE_POINTER || type->kind == IR_TYPE_ARRAY)
        return type->of;
    return 0;
}

ir_id node_deref(struct lower *lower, ir_id pointer)
{
    const struct ir_expr *found = expr_get(lower, pointer);
    struct ir_expr expr = {.kind = IR_EXPR_DEREF};

    if (found->kind == IR_EXPR_ADDR)
        return found->a;
    /* A function is its own address. */
    if (found->kind == IR_EXPR_FN)
        return pointer;
    expr.type = pointee(lower, pointer);
    expr.a = pointer;
    return node_add(lower, expr);
}

ir_id node_index(struct lower *lower, ir_id array, ir_id index)
{
    struct ir_expr expr = {.kind = IR_EXPR_INDEX};
    int64_t value;

    if (expr_get(lower, array)->kind == IR_EXPR_DEREF &&
        node_is_const(lower, index, &value) && !value)
        return array;
    expr.type = expr_get(lower, array)->kind == IR_EXPR_DEREF
                    ? expr_get(lower, array)->type
                    : pointee(lower, array);
    expr.a = array;
    expr.b = index;
    return node_add(lower, expr);
}

ir_id node_addr(struct lower *lower, ir_id place)
{
    const struct ir_expr *found = expr_get(lower, place);
    struct ir_expr expr = {.kind = IR_EXPR_ADDR};

    if (found->kind == IR_EXPR_DEREF)
        return found->a;
    if (found->kind == IR_EXPR_FN)
        return place;
    expr.a = place;
    return node_add(lower, expr);
}

ir_id node_var(struct lower *lower, ir_id var)
{
    struct ir_expr expr = {.kind = IR_EXPR_VAR};

    expr.type = lower->unit->vars.items[var].type;
    expr.var = var;
    return node_add(lower, expr);
}

ir_id node_symbol(struct lower *lower, ir_id symbol)
{
    const struct ir_symbol *found = &lower->unit->symbols.items[symbol];
    struct ir_expr expr = {.kind = IR_EXPR_FN, .type = found->type};

    if (found->kind == IR_SYMBOL_GLOBAL)
        expr.kind = IR_EXPR_GLOBAL;
    expr.symbol = symbol;
    return node_add(lower, expr);
}

ir_id node_temp(struct lower *lower, ir_id op, ir_id type)
{
    struct ir_expr expr = {.kind = IR_EXPR_TEMP, .type = type};

    expr.op = op;
    return node_add(lower, expr);
}
