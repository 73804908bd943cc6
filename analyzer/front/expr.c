/*
 * C's expressions. A value is a pure tree; whatever has an effect becomes an
 * op on the way, in C's order as far as C has one. `&&`, `||` and `?:` are
 * control flow.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/flow.h"

/* Parentheses and conversions don't change what an expression names. */
CXCursor expr_strip(CXCursor expr)
{
    for (;;) {
        enum CXCursorKind kind = clang_getCursorKind(expr);
        CXCursor only = clang_getNullCursor();

        if (kind != CXCursor_ParenExpr && kind != CXCursor_UnexposedExpr &&
            kind != CXCursor_CStyleCastExpr)
            return expr;
        if (!expr_only_child(expr, &only))
            return expr;
        expr = only;
    }
}

ir_id lower_temp_var(struct lower *lower, ir_id type)
{
    struct ir_var var = {.type = type, .loc = flow_loc(lower)};

    vec_add(lower->arena, &lower->unit->vars, var);
    return node_var(lower, lower->unit->vars.count - 1);
}

ir_id lower_assign(struct lower *lower, ir_id place, ir_id value,
                   uint32_t flags)
{
    const struct ir_unit *unit = lower->unit;
    ir_id type = unit->exprs.items[place].type;
    struct ir_op assign = {
        .kind = IR_ASSIGN,
        .flags = (uint16_t)flags,
        .a = place,
        .b = value,
    };

    if (ir_type_strip(unit, type)->kind == IR_TYPE_RECORD &&
        unit->exprs.items[value].kind != IR_EXPR_ZERO)
        assign.flags |= IR_OP_COPY;
    flow_emit(lower, assign, NULL);
    return place;
}

static ir_id literal(struct lower *lower, CXCursor expr)
{
    CXEvalResult result = clang_Cursor_Evaluate(expr);
    ir_id value;

    if (result && clang_EvalResult_getKind(result) == CXEval_Int)
        value = node_const(lower, clang_EvalResult_getAsLongLong(result));
    else
        value = node_unknown(lower, "", lower_type_of(lower, expr));
    if (result)
        clang_EvalResult_dispose(result);
    return value;
}

/* Its spelling has quotes, and may have a prefix. */
static ir_id string_literal(struct lower *lower, CXCursor expr)
{
    struct ir_expr string = {.kind = IR_EXPR_STRING};
    CXString spelling = clang_getCursorSpelling(expr);
    const char *text = clang_getCString(spelling);
    const char *start = text ? strchr(text, '"') : NULL;
    const char *end = start ? strrchr(text, '"') : NULL;

    string.type = lower_type_of(lower, expr);
    if (end > start)
        string.text =
            lower_str(lower, arena_strndup(&lower->build->arena, start + 1,
                                           (size_t)(end - start) - 1));
    clang_disposeString(spelling);
    return node_add(lower, string);
}

static ir_id name(struct lower *lower, CXCursor expr)
{
    CXCursor decl = clang_getCursorReferenced(expr);
    const uint32_t *local;

    switch (clang_getCursorKind(decl)) {
    case CXCursor_EnumConstantDecl:
        return node_const(lower, clang_getEnumConstantDeclValue(decl));
    case CXCursor_FunctionDecl:
        lower_want(lower, decl);
        return node_symbol(lower, lower_symbol(lower, decl));
    case CXCursor_VarDecl:
    case CXCursor_ParmDecl:
        local = map_find(&lower->build->var_by_decl, &decl.data[0],
                         sizeof(decl.data[0]));
        if (local)
            return node_var(lower, *local);
        if (clang_getCursorKind(decl) == CXCursor_VarDecl)
            return node_symbol(lower, lower_symbol(lower, decl));
        break;
    default:
        break;
    }
    return node_unknown(lower, "", lower_type_of(lower, expr));
}

static bool is_pointer(CXCursor expr)
{
    return clang_getCanonicalType(clang_getCursorType(expr)).kind ==
           CXType_Pointer;
}

static ir_id member(struct lower *lower, CXCursor expr)
{
    struct children parts = expr_children_of(lower, expr);
    CXCursor field = clang_getCursorReferenced(expr);
    ir_id base;

    if (!parts.count || clang_getCursorKind(field) != CXCursor_FieldDecl)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    if (is_pointer(parts.items[0]))
        base = node_deref(lower, lower_value(lower, parts.items[0]));
    else
        base = lower_place(lower, parts.items[0]);
    return node_field(lower, base, lower_field(lower, field));
}

/* An array decays to its first element's address; indexing that is indexing
 * the array. */
static ir_id undecayed(const struct lower *lower, ir_id place)
{
    const struct ir_expr *expr = &lower->unit->exprs.items[place];
    int64_t index;

    if (expr->kind == IR_EXPR_INDEX && node_is_const(lower, expr->b, &index) &&
        !index)
        return expr->a;
    return place;
}

ir_id lower_element(struct lower *lower, ir_id array, ir_id index)
{
    return node_index(lower, undecayed(lower, node_deref(lower, array)), index);
}

static ir_id subscript(struct lower *lower, CXCursor expr)
{
    struct children parts = expr_children_of(lower, expr);
    CXCursor array;
    ir_id index;

    if (parts.count < 2)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    /* i[p] is p[i] */
    if (!is_pointer(parts.items[0]) && is_pointer(parts.items[1])) {
        array = parts.items[1];
        index = lower_value(lower, parts.items[0]);
    } else {
        array = parts.items[0];
        index = lower_value(lower, parts.items[1]);
    }
    return lower_element(lower, lower_value(lower, array), index);
}

/* The value of a choice between blocks, kept in a variable without a name. */
static ir_id choice(struct lower *lower, CXCursor condition, CXCursor if_true,
                    CXCursor if_false, ir_id type)
{
    uint32_t then = flow_block_new(lower, 0);
    uint32_t otherwise = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    ir_id result = lower_temp_var(lower, type);

    lower_condition(lower, condition, then, otherwise);
    flow_block_start(lower, then);
    lower_assign(lower, result, lower_value(lower, if_true), 0);
    flow_jump(lower, end, 0);
    flow_block_start(lower, otherwise);
    lower_assign(lower, result, lower_value(lower, if_false), 0);
    flow_block_start(lower, end);
    return result;
}

static ir_id conditional(struct lower *lower, CXCursor expr)
{
    struct children parts = expr_children_of(lower, expr);

    if (parts.count < 3)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    return choice(lower, parts.items[0], parts.items[1], parts.items[2],
                  lower_type_of(lower, expr));
}

static ir_id compound_literal(struct lower *lower, CXCursor expr)
{
    struct children parts = expr_children_of(lower, expr);
    ir_id place = lower_temp_var(lower, lower_type_of(lower, expr));

    if (parts.count)
        lower_init(lower, place, clang_getCursorType(expr),
                   parts.items[parts.count - 1], IR_OP_INIT);
    return place;
}

/* `({ f(); });`: what its last statement returns nobody looks at, either. */
static ir_id statement_expr(struct lower *lower, CXCursor expr, uint32_t flags)
{
    struct children parts = children_of(lower, expr);
    bool is_wanted = !(flags & IR_OP_UNUSED);
    ir_id value = 0;

    if (parts.count)
        lower_compound(lower, parts.items[0], is_wanted ? &value : NULL);
    if (!is_wanted)
        return 0;
    return value ? value : node_unknown(lower, "", lower_type_of(lower, expr));
}

static ir_id cast(struct lower *lower, CXCursor expr, uint32_t flags)
{
    struct children parts = expr_children_of(lower, expr);

    if (!parts.count)
        return node_unknown(lower, "", lower_type_of(lower, expr));
    if (clang_getCursorType(expr).kind == CXType_Void) {
        lower_effects(lower, parts.items[0], IR_OP_VOIDED);
        return 0;
    }
    (void)flags;
    return lower_value(lower, parts.items[parts.count - 1]);
}

static ir_id label_address(struct lower *lower, CXCursor expr)
{
    struct children parts = children_of(lower, expr);
    uint32_t label;

    if (!parts.count)
        return node_unknown(lower, "", 0);
    label = label_get(lower, parts.items[0]);
    lower->build->labels.items[label].is_address_taken = true;
    return node_unknown(lower, "label", lower_type_of(lower, expr));
}

/* A flat switch over the kinds of expressions. */
static ir_id expr_by_kind(struct lower *lower, CXCursor expr, uint32_t flags)
{
    bool is_wanted = !(flags & IR_OP_UNUSED);

    switch (clang_getCursorKind(expr)) {
    case CXCursor_IntegerLiteral:
    case CXCursor_CharacterLiteral:
    case CXCursor_UnaryExpr: /* sizeof, alignof: nothing is evaluated */
        return literal(lower, expr);
    case CXCursor_StringLiteral:
        return string_literal(lower, expr);
    case CXCursor_ParenExpr:
    case CXCursor_UnexposedExpr:
        return lower_unexposed(lower, expr, flags);
    case CXCursor_DeclRefExpr:
        return name(lower, expr);
    case CXCursor_MemberRefExpr:
        return member(lower, expr);
    case CXCursor_ArraySubscriptExpr:
        return subscript(lower, expr);
    case CXCursor_UnaryOperator:
        return lower_unary(lower, expr, is_wanted);
    case CXCursor_BinaryOperator:
        return lower_binary(lower, expr, is_wanted);
    case CXCursor_CompoundAssignOperator:
        return lower_compound_assign(lower, expr);
    case CXCursor_ConditionalOperator:
        return conditional(lower, expr);
    case CXCursor_CStyleCastExpr:
        return cast(lower, expr, flags);
    case CXCursor_CompoundLiteralExpr:
    case CXCursor_InitListExpr:
        return compound_literal(lower, expr);
    case CXCursor_StmtExpr:
        return statement_expr(lower, expr, flags);
    case CXCursor_GenericSelectionExpr:
        return lower_generic(lower, expr);
    case CXCursor_AddrLabelExpr:
        return label_address(lower, expr);
    case CXCursor_CallExpr:
        return lower_call(lower, expr, flags);
    default:
        return node_unknown(lower, "", lower_type_of(lower, expr));
    }
}

/* What stands inside conversions that nobody wrote: every other expression is
 * one, and it says nothing that its inside does not. */
static CXCursor without_conversions(struct lower *lower, CXCursor expr)
{
    CXCursor inside;

    while (
        clang_getCursorKind(expr) == CXCursor_UnexposedExpr &&
        clang_getCursorType(expr).kind != CXType_Dependent &&
        expr_only_child(expr, &inside) &&
        clang_isExpression(clang_getCursorKind(inside)) &&
        clang_equalRanges(text_extent(lower, expr), text_extent(lower, inside)))
        expr = inside;
    return expr;
}

static ir_id expr_lower(struct lower *lower, CXCursor expr, uint32_t flags)
{
    struct fn_build *build = lower->build;
    struct macro_mark mark;
    ir_id value;

    if (build->depth >= DEEPEST_EXPRESSION) {
        build->trouble = "expressions nested too deeply";
        return node_unknown(lower, "", 0);
    }
    if (!(flags & IR_OP_UNUSED))
        expr = without_conversions(lower, expr);
    build->depth++;
    mark = macro_enter(lower, expr, false);
    value = expr_by_kind(lower, expr, flags);
    macro_leave(lower, mark);
    macro_argument(lower, expr, value);
    build->depth--;
    return value;
}

ir_id lower_place(struct lower *lower, CXCursor expr)
{
    return expr_lower(lower, expr, 0);
}

/* `static const int limit = 8;` is as good as a macro; what is volatile, or
 * has no value here, is not. */
static bool is_named_number(CXCursor expr, int64_t *value)
{
    CXType type = clang_getCursorType(expr);
    CXEvalResult result;
    bool is_number;

    if (!clang_isConstQualifiedType(type) ||
        clang_isVolatileQualifiedType(type))
        return false;
    result = clang_Cursor_Evaluate(clang_getCursorReferenced(expr));
    is_number = result && clang_EvalResult_getKind(result) == CXEval_Int;
    if (is_number)
        *value = clang_EvalResult_getAsLongLong(result);
    if (result)
        clang_EvalResult_dispose(result);
    return is_number;
}

/* An array is the address of its first element, as a value. */
ir_id lower_value(struct lower *lower, CXCursor expr)
{
    ir_id value = expr_lower(lower, expr, 0);
    const struct ir_expr *made = &lower->unit->exprs.items[value];
    bool is_place = made->kind >= IR_EXPR_VAR && made->kind <= IR_EXPR_INDEX &&
                    made->kind != IR_EXPR_TEMP;
    int64_t number;

    if ((made->kind == IR_EXPR_VAR || made->kind == IR_EXPR_GLOBAL) &&
        is_named_number(expr_strip(expr), &number))
        return node_const(lower, number);
    if (is_place &&
        ir_type_strip(lower->unit, made->type)->kind == IR_TYPE_ARRAY)
        return node_addr(lower, node_index(lower, value, node_const(lower, 0)));
    return value;
}

static bool reads_memory(const struct ir_unit *unit, ir_id expr)
{
    const struct ir_expr *found = &unit->exprs.items[expr];

    switch ((enum ir_expr_kind)found->kind) {
    case IR_EXPR_FIELD:
    case IR_EXPR_DEREF:
    case IR_EXPR_INDEX:
    case IR_EXPR_GLOBAL:
        return true;
    case IR_EXPR_UNARY:
    case IR_EXPR_ADDR:
        return reads_memory(unit, found->a);
    case IR_EXPR_BINARY:
        return reads_memory(unit, found->a) || reads_memory(unit, found->b);
    default:
        return false;
    }
}

void lower_effects(struct lower *lower, CXCursor expr, uint32_t flags)
{
    uint32_t before = lower->build->op_total;
    ir_id value = expr_lower(lower, expr, flags | IR_OP_UNUSED);

    if (before == lower->build->op_total && value &&
        reads_memory(lower->unit, value))
        flow_emit(lower, (struct ir_op){.kind = IR_EVAL, .a = value}, NULL);
}
