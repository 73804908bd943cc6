/*
 * C's operators: those that change memory become ops, `&&` and `||` become
 * control flow, the rest are trees.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/flow.h"

static ir_id step(struct lower *lower, CXCursor operand, int by, bool is_post,
                  bool is_wanted)
{
    ir_id place = lower_place(lower, operand);
    ir_id old = place;
    ir_id next;

    if (is_post && is_wanted) {
        old = lower_temp_var(lower, lower_type_of(lower, operand));
        lower_assign(lower, old, place, 0);
    }
    next = node_binary(lower, IR_ADD, place, node_const(lower, by));
    lower_assign(lower, place, next, IR_OP_COMPOUND);
    return is_post ? old : place;
}

/* A flat switch over the operators. */
ir_id lower_unary(struct lower *lower, CXCursor expr, bool is_wanted)
{
    struct children parts = expr_children_of(lower, expr);
    CXCursor operand;

    if (!parts.count)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    operand = parts.items[0];
    switch (clang_getCursorUnaryOperatorKind(expr)) {
    case CXUnaryOperator_PostInc:
        return step(lower, operand, 1, true, is_wanted);
    case CXUnaryOperator_PostDec:
        return step(lower, operand, -1, true, is_wanted);
    case CXUnaryOperator_PreInc:
        return step(lower, operand, 1, false, is_wanted);
    case CXUnaryOperator_PreDec:
        return step(lower, operand, -1, false, is_wanted);
    case CXUnaryOperator_AddrOf:
        return node_addr(lower, lower_place(lower, operand));
    case CXUnaryOperator_Deref:
        return node_deref(lower, lower_value(lower, operand));
    case CXUnaryOperator_Minus:
        return node_unary(lower, IR_MINUS, lower_value(lower, operand));
    case CXUnaryOperator_Not:
        return node_unary(lower, IR_INVERT, lower_value(lower, operand));
    case CXUnaryOperator_LNot:
        return node_unary(lower, IR_NOT, lower_value(lower, operand));
    default:
        return lower_value(lower, operand);
    }
}

static enum ir_operator operator_of(enum CXBinaryOperatorKind kind)
{
    static const enum ir_operator operators[] = {
        [CXBinaryOperator_Mul] = IR_MUL,
        [CXBinaryOperator_Div] = IR_DIV,
        [CXBinaryOperator_Rem] = IR_REM,
        [CXBinaryOperator_Add] = IR_ADD,
        [CXBinaryOperator_Sub] = IR_SUB,
        [CXBinaryOperator_Shl] = IR_SHL,
        [CXBinaryOperator_Shr] = IR_SHR,
        [CXBinaryOperator_LT] = IR_LT,
        [CXBinaryOperator_GT] = IR_GT,
        [CXBinaryOperator_LE] = IR_LE,
        [CXBinaryOperator_GE] = IR_GE,
        [CXBinaryOperator_EQ] = IR_EQ,
        [CXBinaryOperator_NE] = IR_NE,
        [CXBinaryOperator_And] = IR_AND,
        [CXBinaryOperator_Xor] = IR_XOR,
        [CXBinaryOperator_Or] = IR_OR,
        [CXBinaryOperator_MulAssign] = IR_MUL,
        [CXBinaryOperator_DivAssign] = IR_DIV,
        [CXBinaryOperator_RemAssign] = IR_REM,
        [CXBinaryOperator_AddAssign] = IR_ADD,
        [CXBinaryOperator_SubAssign] = IR_SUB,
        [CXBinaryOperator_ShlAssign] = IR_SHL,
        [CXBinaryOperator_ShrAssign] = IR_SHR,
        [CXBinaryOperator_AndAssign] = IR_AND,
        [CXBinaryOperator_XorAssign] = IR_XOR,
        [CXBinaryOperator_OrAssign] = IR_OR,
    };

    return kind < sizeof(operators) / sizeof(*operators) ? operators[kind]
                                                         : IR_ADD;
}

/* `a && b` as a value: 1 or 0. */
static ir_id truth(struct lower *lower, CXCursor expr)
{
    uint32_t yes = flow_block_new(lower, 0);
    uint32_t no = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    ir_id result = lower_temp_var(lower, lower_type_of(lower, expr));

    lower_condition(lower, expr, yes, no);
    flow_block_start(lower, yes);
    lower_assign(lower, result, node_const(lower, 1), 0);
    flow_jump(lower, end, 0);
    flow_block_start(lower, no);
    lower_assign(lower, result, node_const(lower, 0), 0);
    flow_block_start(lower, end);
    return result;
}

/* `sessions + i`, which is `&sessions[i]`. Of bytes and numbers more is done by
 * arithmetic than to find an element. */
static bool moves_by_records(CXCursor sum, CXCursor left)
{
    CXType type = clang_getCanonicalType(clang_getCursorType(sum));
    CXType of = clang_getCanonicalType(clang_getPointeeType(type));
    CXType from = clang_getCanonicalType(clang_getCursorType(left));

    return type.kind == CXType_Pointer && of.kind == CXType_Record &&
           (from.kind == CXType_Pointer || from.kind == CXType_ConstantArray ||
            from.kind == CXType_IncompleteArray);
}

/* `pointer >= (unsigned long)-4095`: numbers are signed from here on, and so
 * far up that is "less than 0". */
static bool is_far_up(const struct lower *lower, CXCursor expr, ir_id value)
{
    CXType type = clang_getCanonicalType(clang_getCursorType(expr));
    int64_t number;

    return (type.kind == CXType_ULong || type.kind == CXType_ULongLong) &&
           node_is_const(lower, value, &number) && number < 0;
}

static ir_id comparison(struct lower *lower, enum ir_operator operator,
                        ir_id left, ir_id right)
{
    bool is_above = operator== IR_GT || operator== IR_GE;

    if (is_above || operator== IR_LT || operator== IR_LE)
        return node_binary(lower, is_above ? IR_LT : IR_GE, left,
                           node_const(lower, 0));
    return node_binary(lower, operator, left, right);
}

/* A constant of a missing header, whose number was made up: what is more than
 * one is not more than another. */
static bool is_made_up(struct lower *lower, CXCursor expr)
{
    CXCursor decl;
    CXCursor only;

    while (clang_getCursorKind(expr) != CXCursor_DeclRefExpr)
        if (!expr_only_child(expr, &only))
            return false;
        else
            expr = only;
    decl = clang_getCursorReferenced(expr);
    return clang_getCursorKind(decl) == CXCursor_EnumConstantDecl &&
           !lower_loc(lower, decl).file;
}

ir_id lower_binary(struct lower *lower, CXCursor expr, bool is_wanted)
{
    struct children parts = expr_children_of(lower, expr);
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(expr);
    ir_id left;
    ir_id right;

    if (parts.count < 2)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    if (kind == CXBinaryOperator_LAnd || kind == CXBinaryOperator_LOr)
        return truth(lower, expr);
    if (kind == CXBinaryOperator_Comma) {
        lower_effects(lower, parts.items[0], 0);
        if (is_wanted)
            return lower_value(lower, parts.items[1]);
        lower_effects(lower, parts.items[1], 0);
        return 0;
    }
    if (kind == CXBinaryOperator_Assign) {
        right = lower_value(lower, parts.items[1]);
        left = lower_place(lower, parts.items[0]);
        return lower_assign(lower, left, right, 0);
    }
    left = lower_value(lower, parts.items[0]);
    right = lower_value(lower, parts.items[1]);
    if (kind == CXBinaryOperator_Add && moves_by_records(expr, parts.items[0]))
        return node_addr(lower, lower_element(lower, left, right));
    if (is_far_up(lower, parts.items[1], right))
        return comparison(lower, operator_of(kind), left, right);
    /* A question of its own, of which no number gives the answer. */
    if ((kind == CXBinaryOperator_GT || kind == CXBinaryOperator_GE) &&
        is_made_up(lower, parts.items[1]))
        right = node_binary(lower, IR_XOR, right, left);
    return node_binary(lower, operator_of(kind), left, right);
}

ir_id lower_compound_assign(struct lower *lower, CXCursor expr)
{
    struct children parts = expr_children_of(lower, expr);
    ir_id place;
    ir_id value;

    if (parts.count < 2)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    value = lower_value(lower, parts.items[1]);
    place = lower_place(lower, parts.items[0]);
    value =
        node_binary(lower, operator_of(clang_getCursorBinaryOperatorKind(expr)),
                    place, value);
    return lower_assign(lower, place, value, IR_OP_COMPOUND);
}

static CXCursor condition_strip(CXCursor expr)
{
    CXCursor only;

    while ((clang_getCursorKind(expr) == CXCursor_ParenExpr ||
            clang_getCursorKind(expr) == CXCursor_UnexposedExpr) &&
           expr_only_child(expr, &only))
        expr = only;
    return expr;
}

static bool is_truth(struct lower *lower, CXCursor expr)
{
    CXCursor inner = condition_strip(expr);
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(inner);
    CXCursor asked;

    if (lower_is_hint(lower, inner, &asked))
        return is_truth(lower, asked);
    return (kind >= CXBinaryOperator_LT && kind <= CXBinaryOperator_NE) ||
           kind == CXBinaryOperator_LAnd || kind == CXBinaryOperator_LOr ||
           clang_getCursorUnaryOperatorKind(inner) == CXUnaryOperator_LNot;
}

/* What `(a == b) != 0` asks, and whether it asks for the contrary; false: it
 * compares no truth with a number that is one. */
static bool truth_asked(struct lower *lower, CXCursor expr, CXCursor *asked,
                        bool *is_contrary)
{
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(expr);
    struct children parts;
    int64_t number;

    if (kind != CXBinaryOperator_EQ && kind != CXBinaryOperator_NE)
        return false;
    parts = expr_children_of(lower, expr);
    if (parts.count < 2 || !is_truth(lower, parts.items[0]) ||
        clang_getCursorKind(condition_strip(parts.items[1])) !=
            CXCursor_IntegerLiteral ||
        !node_is_const(lower, lower_value(lower, parts.items[1]), &number) ||
        number < 0 || number > 1)
        return false;
    *asked = parts.items[0];
    *is_contrary = (kind == CXBinaryOperator_EQ) == (number == 0);
    return true;
}

void lower_condition(struct lower *lower, CXCursor expr, uint32_t if_true,
                     uint32_t if_false)
{
    CXCursor inner = condition_strip(expr);
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(inner);
    struct macro_mark mark = macro_enter(lower, inner, false);
    bool is_contrary;
    CXCursor asked;
    uint32_t middle;

    lower->build->depth++;
    if (lower->build->depth < DEEPEST_EXPRESSION &&
        (kind == CXBinaryOperator_LAnd || kind == CXBinaryOperator_LOr)) {
        struct children parts = expr_children_of(lower, inner);

        middle = flow_block_new(lower, 0);
        lower_condition(lower, parts.items[0],
                        kind == CXBinaryOperator_LAnd ? middle : if_true,
                        kind == CXBinaryOperator_LAnd ? if_false : middle);
        flow_block_start(lower, middle);
        lower_condition(lower, parts.items[1], if_true, if_false);
    } else if (clang_getCursorUnaryOperatorKind(inner) ==
                   CXUnaryOperator_LNot &&
               lower->build->depth < DEEPEST_EXPRESSION) {
        struct children parts = expr_children_of(lower, inner);

        lower_condition(lower, parts.items[0], if_false, if_true);
    } else if (lower->build->depth < DEEPEST_EXPRESSION &&
               lower_is_hint(lower, inner, &asked)) {
        lower_condition(lower, asked, if_true, if_false);
    } else if (lower->build->depth < DEEPEST_EXPRESSION &&
               truth_asked(lower, inner, &asked, &is_contrary)) {
        lower_condition(lower, asked, is_contrary ? if_false : if_true,
                        is_contrary ? if_true : if_false);
    } else {
        flow_branch(lower, lower_value(lower, inner), if_true, if_false);
    }
    lower->build->depth--;
    macro_leave(lower, mark);
}
