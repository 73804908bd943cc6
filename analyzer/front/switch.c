/*
 * Switches: a block that ends in SWITCH, with an edge for each case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/flow.h"
#include "front/lower.h"

enum { MOST_CASES = 1000 }; /* more are a generated state machine's */

static int64_t const_of(CXCursor expr)
{
    CXEvalResult result = clang_Cursor_Evaluate(expr);
    int64_t value = 0;

    if (result && clang_EvalResult_getKind(result) == CXEval_Int)
        value = clang_EvalResult_getAsLongLong(result);
    if (result)
        clang_EvalResult_dispose(result);
    return value;
}

static bool has_case(const struct switch_build *build, int64_t value)
{
    for (uint32_t i = 0; i < build->cases.count; i++)
        if (build->cases.items[i].low <= value &&
            value <= build->cases.items[i].high)
            return true;
    return false;
}

/* Nobody means a value of an enumeration that has no name: who writes a case
 * for each does without a default. */
static bool covers_enum(struct lower *lower, CXCursor switched,
                        const struct switch_build *build)
{
    CXType type =
        clang_getCanonicalType(clang_getCursorType(expr_strip(switched)));
    struct children names;

    if (type.kind != CXType_Enum || build->cases.count > MOST_CASES)
        return false;
    names = children_of(lower, clang_getTypeDeclaration(type));
    for (uint32_t i = 0; i < names.count; i++)
        if (clang_getCursorKind(names.items[i]) == CXCursor_EnumConstantDecl &&
            !has_case(build, clang_getEnumConstantDeclValue(names.items[i])))
            return false;
    return names.count;
}

void lower_switch(struct lower *lower, CXCursor stmt)
{
    struct fn_build *build = lower->build;
    struct children parts = children_of(lower, stmt);
    uint32_t end = flow_block_new(lower, 0);
    struct jump_target target = {
        .block = end, .scope = build->scope, .outer = build->break_target};
    struct jump_target *outer_target = build->break_target;
    struct switch_build *outer = build->switch_build;
    struct switch_build here = {.scope = build->scope};
    bool is_last = build->is_last;

    if (parts.count < 2)
        return;
    flow_end(lower, IR_SWITCH, lower_value(lower, parts.items[0]), 0);
    here.dispatch = build->current;
    build->switch_build = &here;
    build->break_target = &target;
    build->is_last = false;
    lower_body(lower, parts.items[parts.count - 1]);
    build->is_last = is_last;
    build->switch_build = outer;
    build->break_target = outer_target;
    if (!here.has_default && !covers_enum(lower, parts.items[0], &here))
        flow_edge_add(lower, here.dispatch,
                      (struct ir_edge){
                          .block = end,
                          .kind = IR_EDGE_DEFAULT,
                      });
    flow_block_start(lower, end);
}

/* case A: case B ... C: default: each a step into the next statement; in a
 * loop, since generated state machines chain thousands. */
void lower_case(struct lower *lower, CXCursor stmt)
{
    struct switch_build *around = lower->build->switch_build;
    uint32_t block = flow_block_new(lower, 0);

    flow_block_start(lower, block);
    for (;;) {
        enum CXCursorKind kind = clang_getCursorKind(stmt);
        struct children parts;
        struct ir_edge edge = {.block = block, .kind = IR_EDGE_DEFAULT};

        if (kind != CXCursor_CaseStmt && kind != CXCursor_DefaultStmt)
            break;
        parts = children_of(lower, stmt);
        if (kind == CXCursor_CaseStmt && parts.count > 1) {
            edge.kind = IR_EDGE_CASE;
            edge.low = const_of(parts.items[0]);
            edge.high = parts.count > 2 ? const_of(parts.items[1]) : edge.low;
        }
        if (around)
            flow_edge_add(lower, around->dispatch, edge);
        if (around && edge.kind == IR_EDGE_CASE)
            vec_add(lower->arena, &around->cases, edge);
        if (around && kind == CXCursor_DefaultStmt)
            around->has_default = true;
        if (!parts.count)
            return;
        stmt = parts.items[parts.count - 1];
    }
    lower_stmt(lower, stmt);
}
