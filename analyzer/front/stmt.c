/*
 * C's statements. Each one is lowered where control reaches it; what leaves
 * a scope cleans it up on the way (flow.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/flow.h"

enum {
    /* Deeper nesting is a generated chain; clang's own bound for brackets is
     * 256, else-if chains are the only way here. */
    DEEPEST_NESTING = 1500,
};

static bool type_counts(struct lower *lower, ir_id type)
{
    const struct ir_type *found = ir_type_strip(lower->unit, type);

    while (found->kind == IR_TYPE_ARRAY)
        found = ir_type_strip(lower->unit, found->of);
    return found->kind == IR_TYPE_RECORD;
}

/* A static table of labels is filled before the function runs; that their
 * addresses are taken is for the function to know. */
static enum CXChildVisitResult label_visit(CXCursor child, CXCursor parent,
                                           CXClientData data)
{
    struct lower *lower = data;

    (void)parent;
    if (clang_getCursorKind(child) == CXCursor_LabelRef) {
        uint32_t label = label_get(lower, child);

        lower->build->labels.items[label].is_address_taken = true;
    }
    return CXChildVisit_Recurse;
}

/* The sizes of a variable-length array are computed where it is declared. */
static void array_sizes(struct lower *lower, CXCursor decl, CXCursor init)
{
    struct children parts = expr_children_of(lower, decl);

    if (clang_getCursorType(decl).kind != CXType_VariableArray)
        return;
    for (uint32_t i = 0; i < parts.count; i++)
        if (!clang_equalCursors(parts.items[i], init))
            lower_effects(lower, parts.items[i], 0);
}

static void lower_local(struct lower *lower, CXCursor decl)
{
    CXCursor init = clang_Cursor_getVarDeclInitializer(decl);
    struct macro_mark mark;
    struct ir_var *var;
    ir_id made;

    if (clang_Cursor_getStorageClass(decl) == CX_SC_Static ||
        clang_Cursor_getStorageClass(decl) == CX_SC_Extern) {
        lower_static_add(lower, decl);
        clang_visitChildren(decl, label_visit, lower);
        return;
    }
    mark = macro_enter(lower, decl, false);
    array_sizes(lower, decl, init);
    made = lower_var(lower, decl);
    var = &lower->unit->vars.items[made];
    if (var->cleanup || type_counts(lower, var->type)) {
        struct ir_op enter = {.kind = IR_SCOPE_ENTER, .a = made};

        flow_emit(lower, enter, NULL);
    }
    if (!clang_Cursor_isNull(init))
        lower_init(lower, node_var(lower, made), clang_getCursorType(decl),
                   init, IR_OP_INIT);
    /* The cleanup runs from here on, not during the initialiser. */
    var = &lower->unit->vars.items[made];
    if (var->cleanup || type_counts(lower, var->type))
        scope_push(lower, made, var->cleanup);
    macro_leave(lower, mark);
}

static void decl_stmt(struct lower *lower, CXCursor stmt)
{
    struct children decls = children_of(lower, stmt);

    for (uint32_t i = 0; i < decls.count; i++)
        if (clang_getCursorKind(decls.items[i]) == CXCursor_VarDecl)
            lower_local(lower, decls.items[i]);
}

/* A value is read before the scopes are left whose cleanups may change it. */
static ir_id kept_value(struct lower *lower, ir_id value,
                        const struct scope *until)
{
    const struct ir_expr *expr = &lower->unit->exprs.items[value];
    const struct scope *scope = lower->build->scope;

    while (scope && scope != until && !scope->cleanup)
        scope = scope->outer;
    if (!value || !scope || scope == until || expr->kind == IR_EXPR_TEMP ||
        expr->kind == IR_EXPR_CONST)
        return value;
    return lower_assign(lower, lower_temp_var(lower, expr->type), value, 0);
}

static struct text_point start_of(struct lower *lower, CXCursor cursor)
{
    struct text_point point;

    clang_getExpansionLocation(clang_getRangeStart(text_extent(lower, cursor)),
                               &point.file, NULL, NULL, &point.offset);
    return point;
}

/* Of what ends in a macro, the end is that of the macro's call. */
static struct text_point end_of(struct lower *lower, CXCursor cursor)
{
    CXSourceLocation end = clang_getRangeEnd(text_extent(lower, cursor));
    struct text_point point;
    unsigned spelled;
    text_ranges args = {0};

    clang_getExpansionLocation(end, &point.file, NULL, NULL, &point.offset);
    clang_getSpellingLocation(end, NULL, NULL, NULL, &spelled);
    if (spelled != point.offset)
        text_macro_args(lower, point, &args, &point.offset);
    return point;
}

/* What was between two statements, if they did not come out of a macro. */
static void gap_lower(struct lower *lower, struct text_point from,
                      struct text_point to, bool is_last)
{
    if (is_last && to.offset)
        to.offset--; /* the brace */
    hole_lower(lower, from, to);
}

/* Nothing, or what libclang puts where a branch did not compile. */
static void null_lower(struct lower *lower, CXCursor stmt)
{
    struct text_point from;
    struct text_point to;
    size_t length;
    const char *text;

    if (!lower->errors.count)
        return;
    from = start_of(lower, stmt);
    to = from;
    text = text_of(lower, from.file, &length);
    while (to.offset < length && text[to.offset] != ';')
        to.offset++;
    hole_lower(lower, from, to);
}

static bool is_last_of(const struct children *stmts, uint32_t at)
{
    for (uint32_t i = at + 1; i < stmts->count; i++)
        if (clang_getCursorKind(stmts->items[i]) != CXCursor_NullStmt)
            return false;
    return true;
}

void lower_compound(struct lower *lower, CXCursor stmt, ir_id *value)
{
    struct fn_build *build = lower->build;
    struct children stmts = children_of(lower, stmt);
    struct scope *outer = build->scope;
    struct where around = build->where;
    struct ir_loc end = lower_loc(lower, stmt);
    bool has_gaps = lower->errors.count > 0;
    struct text_point from = {0};
    bool is_last = build->is_last;

    if (has_gaps)
        from = start_of(lower, stmt);
    from.offset++;
    for (uint32_t i = 0; i < stmts.count; i++) {
        CXCursor child = stmts.items[i];

        build->is_last = is_last && is_last_of(&stmts, i);
        if (has_gaps) {
            gap_lower(lower, from, start_of(lower, child), false);
            from = end_of(lower, child);
        }
        if (value && i + 1 == stmts.count &&
            clang_isExpression(clang_getCursorKind(child)))
            *value = kept_value(lower, lower_value(lower, child), outer);
        else if (clang_getCursorKind(child) == CXCursor_NullStmt)
            macro_nothing(lower, child);
        else
            lower_stmt(lower, child);
    }
    if (has_gaps)
        gap_lower(lower, from, end_of(lower, stmt), true);
    end.line = end.end_line;
    end.column = end.end_column > 1 ? end.end_column - 1 : 1;
    flow_loc_set(lower, end);
    scope_pop(lower, outer);
    build->where = around;
    build->is_last = is_last;
}

/* A body that is not a compound is a scope all the same. */
void lower_body(struct lower *lower, CXCursor stmt)
{
    struct scope *outer = lower->build->scope;

    lower_stmt(lower, stmt);
    scope_pop(lower, outer);
}

static void if_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);
    uint32_t then = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    uint32_t otherwise = parts.count > 2 ? flow_block_new(lower, 0) : end;

    if (parts.count < 2)
        return;
    lower_condition(lower, parts.items[0], then, otherwise);
    flow_block_start(lower, then);
    lower_body(lower, parts.items[1]);
    if (parts.count > 2) {
        if (!flow_has_ended(lower))
            flow_jump(lower, end, 0);
        flow_block_start(lower, otherwise);
        lower_body(lower, parts.items[2]);
    }
    flow_block_start(lower, end);
}

/* The reader thinks of the loop or switch that is written around. To go on
 * with that is what a continue does all the same, if nothing follows the
 * hidden loop there. */
static bool is_misleading(struct lower *lower, CXCursor stmt,
                          const struct jump_target *target, bool is_break)
{
    struct origin origin;
    bool is_same = !is_break;

    if (!target->is_hidden)
        return false;
    origin = text_origin(lower, stmt);
    if (origin.in_macro && !origin.in_argument)
        return false;
    while (target && target->is_hidden) {
        is_same = is_same && target->is_last;
        target = target->outer;
    }
    return target && !is_same;
}

static void jump_stmt(struct lower *lower, CXCursor stmt,
                      const struct jump_target *target, uint32_t flags)
{
    if (!target)
        return;
    if (is_misleading(lower, stmt, target, flags & IR_OP_BREAK))
        flags |= IR_OP_HIDDEN;
    scope_leave(lower, target->scope);
    flow_jump(lower, target->block, flags);
}

static void return_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);
    ir_id value = parts.count ? lower_value(lower, parts.items[0]) : 0;

    value = kept_value(lower, value, NULL);
    scope_leave(lower, NULL);
    flow_end(lower, IR_RETURN, value, 0);
}

static void goto_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);

    if (parts.count)
        label_goto(lower, label_get(lower, parts.items[0]));
}

static void label_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);

    label_place(lower, label_get(lower, stmt));
    if (parts.count)
        lower_stmt(lower, parts.items[parts.count - 1]);
}

static void indirect_goto_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);

    if (parts.count)
        label_goto_any(lower, lower_value(lower, parts.items[0]));
}

static void asm_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = expr_children_of(lower, stmt);
    uint32_t *args =
        arena_array(&lower->build->arena, parts.count + 1, sizeof(*args));

    for (uint32_t i = 0; i < parts.count; i++)
        args[i] = lower_value(lower, parts.items[i]);
    flow_emit(lower,
              (struct ir_op){.kind = IR_ASM,
                             .args = lower_list(lower, args, parts.count)},
              NULL);
}

/* Attributed statements and what libclang has no name for. */
static void other_stmt(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);

    for (uint32_t i = 0; i < parts.count; i++)
        lower_stmt(lower, parts.items[i]);
}

/* A flat switch over the kinds of statements. */
static void stmt_by_kind(struct lower *lower, CXCursor stmt)
{
    struct fn_build *build = lower->build;
    enum CXCursorKind kind = clang_getCursorKind(stmt);

    switch (kind) {
    case CXCursor_CompoundStmt:
        lower_compound(lower, stmt, NULL);
        break;
    case CXCursor_DeclStmt:
        decl_stmt(lower, stmt);
        break;
    case CXCursor_IfStmt:
        if_stmt(lower, stmt);
        break;
    case CXCursor_WhileStmt:
        lower_while(lower, stmt);
        break;
    case CXCursor_DoStmt:
        lower_do(lower, stmt);
        break;
    case CXCursor_ForStmt:
        lower_for(lower, stmt);
        break;
    case CXCursor_SwitchStmt:
        lower_switch(lower, stmt);
        break;
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
        lower_case(lower, stmt);
        break;
    case CXCursor_BreakStmt:
        jump_stmt(lower, stmt, build->break_target, IR_OP_BREAK);
        break;
    case CXCursor_ContinueStmt:
        jump_stmt(lower, stmt, build->continue_target, IR_OP_CONTINUE);
        break;
    case CXCursor_ReturnStmt:
        return_stmt(lower, stmt);
        break;
    case CXCursor_GotoStmt:
        goto_stmt(lower, stmt);
        break;
    case CXCursor_LabelStmt:
        label_stmt(lower, stmt);
        break;
    case CXCursor_IndirectGotoStmt:
        indirect_goto_stmt(lower, stmt);
        break;
    case CXCursor_GCCAsmStmt:
    case CXCursor_MSAsmStmt:
        asm_stmt(lower, stmt);
        break;
    case CXCursor_NullStmt:
        null_lower(lower, stmt);
        break;
    default:
        if (clang_isExpression(kind))
            lower_effects(lower, stmt, 0);
        else
            other_stmt(lower, stmt);
    }
}

void lower_stmt(struct lower *lower, CXCursor stmt)
{
    struct fn_build *build = lower->build;
    struct macro_mark mark;

    if (build->depth >= DEEPEST_NESTING) {
        build->trouble = "statements nested too deeply";
        return;
    }
    build->depth++;
    mark = macro_enter(lower, stmt, true);
    stmt_by_kind(lower, stmt);
    macro_leave(lower, mark);
    build->depth--;
}
