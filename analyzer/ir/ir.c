/*
 * Units of IR: making an empty one, asking small questions of a full one,
 * and checking that every index in it stands for something.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/ir.h"

#include <string.h>

#include "base/err.h"

void ir_unit_init(struct ir_unit *unit, struct arena *arena)
{
    memset(unit, 0, sizeof(*unit));
#define TABLE(element, name) vec_add(arena, &unit->name, (element){0});
    IR_TABLES(TABLE)
#undef TABLE
}

const struct ir_type *ir_type_strip(const struct ir_unit *unit, ir_id type)
{
    while (unit->types.items[type].kind == IR_TYPE_TYPEDEF)
        type = unit->types.items[type].of;
    return &unit->types.items[type];
}

bool ir_type_is_pointer(const struct ir_unit *unit, ir_id type)
{
    return ir_type_strip(unit, type)->kind == IR_TYPE_POINTER;
}

bool ir_type_is_scalar(const struct ir_unit *unit, ir_id type)
{
    enum ir_type_kind kind = ir_type_strip(unit, type)->kind;

    return kind == IR_TYPE_BOOL || kind == IR_TYPE_INT ||
           kind == IR_TYPE_ENUM || kind == IR_TYPE_POINTER;
}

const struct ir_type *ir_type_returned(const struct ir_unit *unit, ir_id type)
{
    const struct ir_type *found = ir_type_strip(unit, type);

    return found->kind == IR_TYPE_FUNCTION ? ir_type_strip(unit, found->of)
                                           : found;
}

bool ir_unit_calls(const struct ir_unit *unit, const char *name)
{
    for (ir_id i = 1; i < unit->ops.count; i++) {
        const struct ir_op *op = &unit->ops.items[i];
        ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;

        if (symbol &&
            !strcmp(ir_text(unit, unit->symbols.items[symbol].name), name))
            return true;
    }
    return false;
}

ir_id ir_type_record(const struct ir_unit *unit, ir_id type)
{
    const struct ir_type *found = ir_type_strip(unit, type);

    while (found->kind == IR_TYPE_ARRAY)
        found = ir_type_strip(unit, found->of);
    if (found->kind == IR_TYPE_POINTER)
        found = ir_type_strip(unit, found->of);
    while (found->kind == IR_TYPE_ARRAY)
        found = ir_type_strip(unit, found->of);
    return found->kind == IR_TYPE_RECORD ? found->of : 0;
}

bool ir_list_has_str(const struct ir_unit *unit, struct ir_list list,
                     const char *text)
{
    for (uint32_t i = 0; i < list.count; i++) {
        ir_str entry = ir_list_at(unit, list, i);

        if (!strcmp(ir_text(unit, entry), text))
            return true;
    }
    return false;
}

ir_id ir_call_symbol(const struct ir_unit *unit, const struct ir_op *call)
{
    const struct ir_expr *callee = &unit->exprs.items[call->a];

    return callee->kind == IR_EXPR_FN ? callee->symbol : 0;
}

ir_id ir_op_value(const struct ir_op *op)
{
    switch ((enum ir_op_kind)op->kind) {
    case IR_ASSIGN:
        return op->b;
    case IR_CALL:
    case IR_EVAL:
    case IR_BRANCH:
    case IR_SWITCH:
    case IR_INDIRECT:
    case IR_RETURN:
        return op->a;
    default:
        return 0;
    }
}

const char *ir_operator_text(enum ir_operator operator)
{
    static const char *const texts[IR_OPERATOR_COUNT] = {
        [IR_NOT] = "!",  [IR_INVERT] = "~", [IR_MINUS] = "-", [IR_ADD] = "+",
        [IR_SUB] = "-",  [IR_MUL] = "*",    [IR_DIV] = "/",   [IR_REM] = "%",
        [IR_SHL] = "<<", [IR_SHR] = ">>",   [IR_AND] = "&",   [IR_OR] = "|",
        [IR_XOR] = "^",  [IR_EQ] = "==",    [IR_NE] = "!=",   [IR_LT] = "<",
        [IR_LE] = "<=",  [IR_GT] = ">",     [IR_GE] = ">=",
    };

    return operator<IR_OPERATOR_COUNT ? texts[operator] : "?";
}

/* A flat switch over the operators whose folding decides branches. */
bool ir_operator_fold(enum ir_operator operator, int64_t a, int64_t b,
                      int64_t *value)
{
    switch (operator) {
    case IR_ADD:
        return !__builtin_add_overflow(a, b, value);
    case IR_SUB:
        return !__builtin_sub_overflow(a, b, value);
    case IR_MUL:
        return !__builtin_mul_overflow(a, b, value);
    case IR_AND:
        *value = a & b;
        return true;
    case IR_OR:
        *value = a | b;
        return true;
    case IR_XOR:
        *value = a ^ b;
        return true;
    case IR_SHL:
        *value = b >= 0 && b < 63 ? (int64_t)((uint64_t)a << b) : 0;
        return b >= 0 && b < 63;
    case IR_EQ:
        *value = a == b;
        return true;
    case IR_NE:
        *value = a != b;
        return true;
    case IR_LT:
        *value = a < b;
        return true;
    case IR_LE:
        *value = a <= b;
        return true;
    case IR_GT:
        *value = a > b;
        return true;
    case IR_GE:
        *value = a >= b;
        return true;
    default:
        return false;
    }
}

enum { DEEPEST_ANONYMOUS = 8 }; /* structs without names inside one another */

static ir_id field_find(const struct ir_unit *unit, ir_id record,
                        const char *name, int depth)
{
    const struct ir_record *found = &unit->records.items[record];

    for (uint32_t i = 0; record && i < found->field_count; i++) {
        ir_id at = found->first_field + i;
        const struct ir_field *field = &unit->fields.items[at];
        ir_id inner = 0;

        if (!strcmp(ir_text(unit, field->name), name))
            return at;
        if (!field->name && depth < DEEPEST_ANONYMOUS)
            inner = field_find(unit, ir_type_record(unit, field->type), name,
                               depth + 1);
        if (inner)
            return inner;
    }
    return 0;
}

ir_id ir_field_find(const struct ir_unit *unit, ir_id record, const char *name)
{
    return field_find(unit, record, name, 0);
}
