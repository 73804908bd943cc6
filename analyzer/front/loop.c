/*
 * C's loops. The one hard part is `for`: libclang leaves out the parts that
 * are empty and does not say which they were, so each part is placed by the
 * semicolons before it in the text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/flow.h"

struct loop {
    struct jump_target break_target;
    struct jump_target continue_target;
    struct jump_target *outer_break;
    struct jump_target *outer_continue;
    bool outer_is_last;
};

static void loop_enter(struct lower *lower, struct loop *loop,
                       uint32_t break_to, uint32_t continue_to)
{
    struct fn_build *build = lower->build;

    loop->break_target = (struct jump_target){
        .block = break_to,
        .scope = build->scope,
        .outer = build->break_target,
        .is_last = build->is_last,
    };
    loop->continue_target = (struct jump_target){.block = continue_to,
                                                 .scope = build->scope,
                                                 .outer = build->break_target,
                                                 .is_last = build->is_last};
    loop->outer_is_last = build->is_last;
    build->is_last = true;
    loop->outer_break = build->break_target;
    loop->outer_continue = build->continue_target;
    build->break_target = &loop->break_target;
    build->continue_target = &loop->continue_target;
}

static void loop_leave(struct lower *lower, const struct loop *loop)
{
    lower->build->break_target = loop->outer_break;
    lower->build->continue_target = loop->outer_continue;
    lower->build->is_last = loop->outer_is_last;
}

void lower_while(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);
    uint32_t head = flow_block_new(lower, IR_BLOCK_LOOP);
    uint32_t body = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    struct loop loop;

    if (parts.count < 2)
        return;
    flow_block_start(lower, head);
    lower_condition(lower, parts.items[0], body, end);
    loop_enter(lower, &loop, end, head);
    flow_block_start(lower, body);
    lower_body(lower, parts.items[parts.count - 1]);
    if (!flow_has_ended(lower))
        flow_jump(lower, head, 0);
    loop_leave(lower, &loop);
    flow_block_start(lower, end);
}

void lower_do(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);
    uint32_t body = flow_block_new(lower, IR_BLOCK_LOOP);
    uint32_t test = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    struct loop loop;

    if (parts.count < 2)
        return;
    loop_enter(lower, &loop, end, test);
    flow_block_start(lower, body);
    lower_body(lower, parts.items[0]);
    flow_block_start(lower, test);
    loop_leave(lower, &loop);
    lower_condition(lower, parts.items[1], body, end);
    flow_block_start(lower, end);
}

struct for_parts {
    CXCursor init;
    CXCursor condition;
    CXCursor increment;
    CXCursor body;
};

static unsigned spelled_at(struct lower *lower, CXCursor cursor)
{
    return text_origin(lower, cursor).spelling.offset;
}

/* How many `;` stand between two places in the text, outside parentheses. */
static int semicolons(const char *text, unsigned from, unsigned to)
{
    int depth = 0;
    int found = 0;

    for (; from < to; from++) {
        if (text[from] == '(')
            depth++;
        else if (text[from] == ')')
            depth--;
        else if (text[from] == ';' && depth <= 1)
            found++;
    }
    return found;
}

static bool looks_like_test(CXCursor part)
{
    enum CXBinaryOperatorKind binary =
        clang_getCursorBinaryOperatorKind(expr_strip(part));
    enum CXUnaryOperatorKind unary =
        clang_getCursorUnaryOperatorKind(expr_strip(part));

    if (clang_getCursorKind(expr_strip(part)) == CXCursor_BinaryOperator)
        return binary < CXBinaryOperator_Assign;
    return unary == CXUnaryOperator_Invalid || unary >= CXUnaryOperator_Deref;
}

/* Which of the three places a part stands in: by the semicolons before it
 * when both were written in one file, else by what it looks like. */
static int for_place(struct lower *lower, CXCursor stmt, CXCursor part)
{
    struct origin whole = text_origin(lower, stmt);
    struct origin here = text_origin(lower, part);
    size_t length;
    const char *text = text_of(lower, whole.spelling.file, &length);

    if (clang_getCursorKind(part) == CXCursor_DeclStmt)
        return 0;
    if (clang_File_isEqual(whole.spelling.file, here.spelling.file) &&
        spelled_at(lower, stmt) < here.spelling.offset &&
        here.spelling.offset <= length && whole.in_argument == here.in_argument)
        return semicolons(text, spelled_at(lower, stmt), here.spelling.offset);
    return looks_like_test(part) ? 1 : 2;
}

static struct for_parts for_split(struct lower *lower, CXCursor stmt)
{
    struct children parts = children_of(lower, stmt);
    struct for_parts split = {clang_getNullCursor(), clang_getNullCursor(),
                              clang_getNullCursor(), clang_getNullCursor()};

    if (!parts.count)
        return split;
    split.body = parts.items[--parts.count];
    for (uint32_t i = 0; i < parts.count; i++) {
        int place =
            parts.count == 3 ? (int)i : for_place(lower, stmt, parts.items[i]);

        if (place <= 0)
            split.init = parts.items[i];
        else if (place == 1)
            split.condition = parts.items[i];
        else
            split.increment = parts.items[i];
    }
    return split;
}

/* A loop whose head came out of a macro and whose body was written by hand:
 * the macro wraps the body, and leaving that is an event of its own. */
static bool macro_scope_push(struct lower *lower, CXCursor stmt, CXCursor body)
{
    struct fn_build *build = lower->build;
    struct ir_var var = {.flags = IR_VAR_MACRO_SCOPE, .loc = flow_loc(lower)};
    struct origin head = text_origin(lower, stmt);

    if (!build->macro || !head.in_macro || head.in_argument ||
        text_origin(lower, body).in_macro)
        return false;
    var.name = lower->unit->macros.items[build->macro->macro].name;
    vec_add(lower->arena, &lower->unit->vars, var);
    lower->unit->macros.items[build->macro->macro].scope =
        lower->unit->vars.count - 1;
    flow_emit(lower,
              (struct ir_op){.kind = IR_SCOPE_ENTER,
                             .a = lower->unit->vars.count - 1},
              NULL);
    scope_push(lower, lower->unit->vars.count - 1, 0);
    return true;
}

void lower_for(struct lower *lower, CXCursor stmt)
{
    struct for_parts parts = for_split(lower, stmt);
    struct scope *outer = lower->build->scope;
    uint32_t head = flow_block_new(lower, IR_BLOCK_LOOP);
    uint32_t body = flow_block_new(lower, 0);
    uint32_t next = flow_block_new(lower, 0);
    uint32_t end = flow_block_new(lower, 0);
    struct scope *around;
    struct loop loop;

    if (clang_Cursor_isNull(parts.body))
        return;
    if (!clang_Cursor_isNull(parts.init))
        lower_stmt(lower, parts.init);
    flow_block_start(lower, head);
    if (!clang_Cursor_isNull(parts.condition))
        lower_condition(lower, parts.condition, body, end);
    loop_enter(lower, &loop, end, next);
    flow_block_start(lower, body);
    around = lower->build->scope;
    loop.break_target.is_hidden = macro_scope_push(lower, stmt, parts.body);
    loop.continue_target.is_hidden = loop.break_target.is_hidden;
    lower_body(lower, parts.body);
    scope_pop(lower, around);
    flow_block_start(lower, next);
    loop_leave(lower, &loop);
    if (!clang_Cursor_isNull(parts.increment))
        lower_effects(lower, parts.increment, 0);
    flow_jump(lower, head, 0);
    flow_block_start(lower, end);
    scope_pop(lower, outer);
}
