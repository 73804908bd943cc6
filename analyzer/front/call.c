/*
 * Calls, the compiler's builtins, and the expressions that libclang knows but
 * does not name: implicit conversions, GNU's `a ?: b`, atomics, offsetof,
 * __builtin_choose_expr, va_arg.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/flow.h"

struct only_child {
    CXCursor child;
    int count;
    bool has_reference;
};

static enum CXChildVisitResult only_visit(CXCursor child, CXCursor parent,
                                          CXClientData data)
{
    struct only_child *only = data;

    (void)parent;
    if (!clang_isExpression(clang_getCursorKind(child))) {
        only->has_reference = clang_getCursorKind(child) == CXCursor_MemberRef;
        return CXChildVisit_Continue;
    }
    only->child = child;
    return ++only->count > 1 ? CXChildVisit_Break : CXChildVisit_Continue;
}

bool expr_only_child(CXCursor expr, CXCursor *child)
{
    struct only_child only = {0};

    clang_visitChildren(expr, only_visit, &only);
    *child = only.child;
    return only.count == 1 && !only.has_reference;
}

/* The word an expression was written with: a builtin's name. */
static const char *word_of(struct lower *lower, CXCursor expr)
{
    return text_word_at(lower, text_origin(lower, expr).spelling);
}

static ir_id call_emit(struct lower *lower, CXCursor call, ir_id callee,
                       const struct children *parts, uint32_t first,
                       uint32_t flags)
{
    struct ir_op op = {.kind = IR_CALL, .flags = (uint16_t)flags, .a = callee};
    uint32_t count = parts->count - first;
    ir_id *args = arena_array(&lower->build->arena, count + 1, sizeof(*args));
    ir_id type = lower_type_of(lower, call);
    ir_id id;

    for (uint32_t i = 0; i < count; i++)
        args[i] = lower_value(lower, parts->items[first + i]);
    op.args = lower_list(lower, args, count);
    op.prefix = lower_str(
        lower, text_word_before(lower, text_origin(lower, call).spelling));
    flow_emit(lower, op, &id);
    return node_temp(lower, id, type);
}

static bool is_named(const struct lower *lower, ir_id callee, const char *name)
{
    const struct ir_unit *unit = lower->unit;
    const struct ir_expr *expr = &unit->exprs.items[callee];

    return expr->kind == IR_EXPR_FN &&
           !strcmp(ir_text(unit, unit->symbols.items[expr->symbol].name), name);
}

/* What is called by its name, where that is all that is left of it: libclang
 * drops a function that is declared in two ways, and first by its call. */
static ir_id callee_by_text(struct lower *lower, CXCursor expr)
{
    struct text_point at = text_origin(lower, expr).spelling;
    size_t length;
    const char *text = text_of(lower, at.file, &length);
    const char *word = text_word_at(lower, at);
    size_t end = at.offset + strlen(word);
    ir_id symbol;

    while (end < length && strchr(" \t\n", text[end]))
        end++;
    if (!*word || end >= length || text[end] != '(')
        return 0;
    symbol = lower_symbol_named(lower, word);
    return node_symbol(lower,
                       symbol ? symbol : lower_symbol_builtin(lower, word));
}

/* A call through a function pointer is a call of what the pointer holds. */
static ir_id callee_of(struct lower *lower, CXCursor expr)
{
    ir_id callee = lower_value(lower, expr);
    const struct ir_expr *found = &lower->unit->exprs.items[callee];

    if (found->kind == IR_EXPR_UNKNOWN) {
        ir_id named = callee_by_text(lower, expr);

        return named ? named : callee;
    }
    if (found->kind == IR_EXPR_DEREF &&
        ir_type_strip(lower->unit, found->type)->kind == IR_TYPE_FUNCTION)
        return found->a;
    return callee;
}

static bool returns_never(const struct lower *lower, ir_id callee,
                          CXCursor written)
{
    const struct ir_unit *unit = lower->unit;
    const struct ir_expr *expr = &unit->exprs.items[callee];

    if (expr->kind != IR_EXPR_FN)
        return lower_type_never_returns(clang_getCursorType(written));
    return unit->symbols.items[expr->symbol].flags & IR_SYMBOL_NORETURN ||
           is_named(lower, callee, "__builtin_unreachable") ||
           is_named(lower, callee, "__builtin_trap");
}

bool lower_is_hint(struct lower *lower, CXCursor expr, CXCursor *asked)
{
    struct children parts;
    CXString name;
    bool is_hint;

    if (clang_getCursorKind(expr) != CXCursor_CallExpr)
        return false;
    name = clang_getCursorSpelling(expr);
    is_hint = !strcmp(clang_getCString(name), "__builtin_expect");
    clang_disposeString(name);
    parts = expr_children_of(lower, expr);
    if (!is_hint || parts.count < 3)
        return false;
    *asked = parts.items[1];
    return true;
}

ir_id lower_call(struct lower *lower, CXCursor call, uint32_t flags)
{
    struct children parts = expr_children_of(lower, call);
    CXCursor asked;
    ir_id callee;
    ir_id result;

    if (!parts.count)
        return node_unknown(lower, "", lower_type_of(lower, call));
    callee = callee_of(lower, parts.items[0]);
    if (lower_is_hint(lower, call, &asked)) {
        result = lower_value(lower, asked);
        lower_effects(lower, parts.items[2], 0);
        return result;
    }
    /* A question to the optimiser, not a call. */
    if (is_named(lower, callee, "__builtin_constant_p"))
        return node_const(lower, 0);
    result = call_emit(lower, call, callee, &parts, 1, flags);
    if (returns_never(lower, callee, parts.items[0]))
        flow_end(lower, IR_UNREACHABLE, 0, 0);
    return result;
}

/* `a ?: b`: a is evaluated once. */
static ir_id elvis(struct lower *lower, CXCursor expr,
                   const struct children *parts)
{
    uint32_t then = flow_block_new(lower, 0);
    uint32_t otherwise = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    ir_id result = lower_temp_var(lower, lower_type_of(lower, expr));

    lower_assign(lower, result, lower_value(lower, parts->items[0]), 0);
    flow_branch(lower, result, then, otherwise);
    flow_block_start(lower, otherwise);
    lower_assign(lower, result,
                 lower_value(lower, parts->items[parts->count - 1]), 0);
    flow_jump(lower, end, 0);
    flow_block_start(lower, then);
    flow_block_start(lower, end);
    return result;
}

static bool same_place(struct lower *lower, CXCursor one, CXCursor two)
{
    return clang_equalRanges(text_extent(lower, one), text_extent(lower, two));
}

static ir_id chosen(struct lower *lower, const struct children *parts)
{
    CXEvalResult result = clang_Cursor_Evaluate(parts->items[0]);
    bool is_true = result && clang_EvalResult_getAsInt(result);

    if (result)
        clang_EvalResult_dispose(result);
    return lower_value(lower, parts->items[is_true ? 1 : 2]);
}

/* Atomics and other operators that are spelled like calls. */
static ir_id builtin_call(struct lower *lower, CXCursor expr, const char *word,
                          const struct children *parts, uint32_t flags)
{
    ir_id callee = node_symbol(lower, lower_symbol_builtin(lower, word));

    return call_emit(lower, expr, callee, parts, 0, flags);
}

/* `mutex->lock(mutex)`, where a missing header would say that the field is a
 * function, and elsewhere in the file another `lock` is none. */
static bool is_field_called(struct lower *lower, CXCursor callee)
{
    text_ranges args = {0};
    struct text_point at;
    unsigned end;

    if (clang_getCursorKind(callee) != CXCursor_MemberRefExpr)
        return false;
    clang_getSpellingLocation(clang_getCursorLocation(callee), &at.file, NULL,
                              NULL, &at.offset);
    return text_macro_args(lower, at, &args, &end);
}

/* What did not compile: its parts are seen, what it names is not known. */
static ir_id lower_broken(struct lower *lower, CXCursor expr,
                          const struct children *parts, uint32_t flags)
{
    if (parts->count && is_field_called(lower, parts->items[0]))
        return call_emit(lower, expr, lower_value(lower, parts->items[0]),
                         parts, 1, flags);
    for (uint32_t i = 0; i < parts->count; i++)
        lower_effects(lower, parts->items[i], 0);
    return node_unknown(lower, "error", 0);
}

ir_id lower_unexposed(struct lower *lower, CXCursor expr, uint32_t flags)
{
    struct children parts = children_of(lower, expr);
    struct children values = expr_children_among(lower, &parts);
    const char *word;

    if (clang_getCursorType(expr).kind == CXType_Dependent)
        return lower_broken(lower, expr, &values, flags);
    if (!values.count || values.count < parts.count) {
        word = word_of(lower, expr);
        if (!strcmp(word, "__builtin_va_arg") || !strcmp(word, "va_arg"))
            return builtin_call(lower, expr, word, &values, flags);
        return node_unknown(lower, "", lower_type_of(lower, expr));
    }
    if (values.count == 4 &&
        same_place(lower, values.items[0], values.items[1]))
        return elvis(lower, expr, &values);
    word = word_of(lower, expr);
    if (values.count == 3 && !strcmp(word, "__builtin_choose_expr"))
        return chosen(lower, &values);
    if (values.count > 1 ||
        (!same_place(lower, expr, values.items[0]) &&
         (strstr(word, "atomic") || strstr(word, "__sync"))))
        return builtin_call(lower, expr, *word ? word : "?", &values, flags);
    if (flags & IR_OP_UNUSED) {
        lower_effects(lower, values.items[0], flags & ~(uint32_t)IR_OP_UNUSED);
        return 0;
    }
    return lower_place(lower, values.items[0]);
}

static CXType value_type(CXCursor expr)
{
    CXType type = clang_getCanonicalType(clang_getCursorType(expr));

    return clang_getUnqualifiedType(type);
}

static bool accepts(CXCursor association, CXType type)
{
    CXType callee = clang_getCanonicalType(clang_getCursorType(association));
    CXType parameter;

    if (callee.kind == CXType_Pointer)
        callee = clang_getPointeeType(callee);
    if (callee.kind != CXType_FunctionProto || clang_getNumArgTypes(callee) < 1)
        return false;
    parameter = clang_getCanonicalType(clang_getArgType(callee, 0));
    return clang_equalTypes(clang_getUnqualifiedType(parameter), type);
}

/* Without the conversion from array to pointer, or to a value. */
static CXCursor expr_unconverted(CXCursor expr)
{
    CXCursor only;

    while (clang_getCursorKind(expr) == CXCursor_UnexposedExpr &&
           expr_only_child(expr, &only))
        expr = only;
    return expr;
}

/* Types compared as they are written, without blanks. */
static bool same_spelling(const char *text, size_t length, CXType type,
                          const char *suffix)
{
    CXString spelling = clang_getTypeSpelling(type);
    const char *at = clang_getCString(spelling);
    size_t here = 0;
    bool is_same = true;

    for (int part = 0; part < 2 && is_same; part++) {
        for (; *at && is_same; at++) {
            if (*at == ' ')
                continue;
            while (here < length && strchr(" \t\n\\", text[here]))
                here++;
            is_same = here < length && text[here++] == *at;
        }
        at = part ? at : suffix;
    }
    while (here < length && strchr(" \t\n\\", text[here]))
        here++;
    clang_disposeString(spelling);
    return is_same && here == length;
}

static bool names_type(const char *text, size_t length, CXCursor controlling)
{
    CXType type = clang_getCursorType(controlling);
    const char *suffix = "";

    if (clang_getArrayElementType(type).kind != CXType_Invalid) {
        type = clang_getArrayElementType(type);
        suffix = "*";
    } else {
        type = clang_getUnqualifiedType(type);
    }
    return same_spelling(text, length, type, suffix) ||
           same_spelling(text, length, clang_getCanonicalType(type), suffix);
}

/* By the text of the associations: the one whose type is the controlling
 * expression's, else the default; 0 when the text does not tell. */
static uint32_t association_by_text(struct lower *lower, CXCursor expr,
                                    const struct children *parts)
{
    struct text_point at = text_origin(lower, expr).spelling;
    text_ranges ranges = {0};
    size_t length;
    const char *text = text_of(lower, at.file, &length);
    uint32_t otherwise = 0;
    unsigned end;

    if (strcmp(text_word_at(lower, at), "_Generic") != 0 ||
        !text_macro_args(lower, at, &ranges, &end) ||
        ranges.count != parts->count)
        return 0;
    for (uint32_t i = 1; i < ranges.count; i++) {
        const char *start = text + ranges.items[i].start;
        const char *colon =
            memchr(start, ':', ranges.items[i].end - ranges.items[i].start);

        if (!colon)
            return 0;
        if (names_type(start, (size_t)(colon - start),
                       expr_unconverted(parts->items[0])))
            return i;
        if (!strncmp(start, "default", strlen("default")))
            otherwise = i;
    }
    return otherwise;
}

/* libclang lists the associations without their types, so the one that was
 * chosen is found by what is written, or by what it must be: a function of
 * the controlling type, or the only one of the whole expression's type. */
ir_id lower_generic(struct lower *lower, CXCursor expr)
{
    struct children parts = expr_children_of(lower, expr);
    uint32_t found = association_by_text(lower, expr, &parts);
    CXType whole = value_type(expr);
    uint32_t same = 0;

    if (found)
        return lower_value(lower, parts.items[found]);
    for (uint32_t i = 1; i < parts.count; i++)
        if (accepts(parts.items[i], value_type(parts.items[0])))
            return lower_value(lower, parts.items[i]);
    for (uint32_t i = 1; i < parts.count; i++)
        if (clang_equalTypes(value_type(parts.items[i]), whole)) {
            same++;
            found = i;
        }
    if (same == 1)
        return lower_value(lower, parts.items[found]);
    return node_unknown(lower, "_Generic", lower_type_of(lower, expr));
}
