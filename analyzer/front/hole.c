/*
 * Statements that libclang dropped, because they did not compile even with a
 * prelude: no node stands for them, only a gap in the text with a complaint
 * in it. A call is made from its text, and so is a return; where a loop or
 * another branch is missing, the function is not analysed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/flow.h"
#include "front/syntax.h"
#include "front/usage.h"

enum { MOST_ARGS = 32 };

bool lower_is_error(CXDiagnostic diagnostic)
{
    CXString option = clang_getDiagnosticOption(diagnostic, NULL);
    const char *text = clang_getCString(option);
    bool is_implicit = text && strstr(text, "implicit-function");

    clang_disposeString(option);
    return clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error &&
           !is_implicit;
}

/* A brace is missing, and nothing that stands behind it was read. */
static bool is_about_end(CXDiagnostic diagnostic)
{
    CXString spelling = clang_getDiagnosticSpelling(diagnostic);
    const char *text = clang_getCString(spelling);
    bool is_about = text && !strcmp(text, "expected '}'");

    clang_disposeString(spelling);
    return is_about;
}

bool hole_is_open(const struct lower *lower, CXCursor function)
{
    CXSourceRange extent = clang_getCursorExtent(function);
    CXFile file;
    unsigned start;
    unsigned end;

    clang_getExpansionLocation(clang_getRangeStart(extent), &file, NULL, NULL,
                               &start);
    clang_getExpansionLocation(clang_getRangeEnd(extent), NULL, NULL, NULL,
                               &end);
    for (uint32_t i = 0; i < lower->unclosed.count; i++) {
        const struct text_point *point = &lower->unclosed.items[i];

        if (clang_File_isEqual(point->file, file) && point->offset >= start &&
            point->offset <= end)
            return true;
    }
    return false;
}

/* Where libclang complains, in the text after expansion. */
void hole_errors_find(struct lower *lower)
{
    unsigned count = clang_getNumDiagnostics(lower->tu);

    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(lower->tu, i);
        struct text_point point = {0};

        clang_getExpansionLocation(clang_getDiagnosticLocation(diagnostic),
                                   &point.file, NULL, NULL, &point.offset);
        if (lower_is_error(diagnostic))
            vec_add(lower->arena, &lower->errors, point);
        if (is_about_end(diagnostic))
            vec_add(lower->arena, &lower->unclosed, point);
        clang_disposeDiagnostic(diagnostic);
    }
}

static bool has_error(const struct lower *lower, CXFile file, size_t start,
                      size_t end)
{
    for (uint32_t i = 0; i < lower->errors.count; i++) {
        const struct text_point *error = &lower->errors.items[i];

        if (error->offset >= start && error->offset <= end &&
            clang_File_isEqual(error->file, file))
            return true;
    }
    return false;
}

static ir_id value_of(struct lower *lower, const struct token *start,
                      const struct token *end)
{
    const char *behind;

    if (start >= end)
        return node_unknown(lower, "", 0);
    /* -ENOMEM, whatever its number is. */
    if (token_is_byte(start, '-') && end == start + 2)
        return node_const(lower, -1);
    behind = end[-1].text + end[-1].length;
    return syntax_path(lower, start->text, (size_t)(behind - start->text));
}

static struct ir_list arguments_of(struct lower *lower,
                                   const struct token *token,
                                   const struct token *end)
{
    ir_id args[MOST_ARGS];
    uint32_t count = 0;

    while (token < end && count < MOST_ARGS) {
        const struct token *start = token;

        token = token_argument_end(start, end);
        args[count++] = value_of(lower, start, token);
        token++;
    }
    return lower_list(lower, args, count);
}

/* `name(…)`, and what its result is stored in, if that comes first. */
static void call_lower(struct lower *lower, const struct token *start,
                       const struct token *name)
{
    const char *text = arena_strndup(lower->arena, name->text, name->length);
    ir_id symbol = lower_symbol_named(lower, text);
    struct ir_op op = {.kind = IR_CALL};
    ir_id id;

    op.flags = start == name ? IR_OP_UNUSED : 0;
    op.args = arguments_of(lower, name + 2, token_behind(name + 1) - 1);
    op.a =
        node_symbol(lower, symbol ? symbol : lower_symbol_builtin(lower, text));
    flow_emit(lower, op, &id);
    if (start < name)
        lower_assign(lower, value_of(lower, start, name - 1),
                     node_temp(lower, id, 0), 0);
}

static void place_set(struct lower *lower, CXFile file, size_t offset)
{
    struct ir_loc loc = {.file = lower_file(lower, file)};

    clang_getFileLocation(
        clang_getLocationForOffset(lower->tu, file, (unsigned)offset), NULL,
        &loc.line, &loc.column, NULL);
    loc.end_line = loc.line;
    loc.end_column = loc.column + 1;
    flow_loc_set(lower, loc);
}

static bool is_branch(const struct token *token)
{
    static const char *const words[] = {
        "if", "else", "for", "while", "do", "switch", "case", "goto", NULL,
    };

    return token_is_one_of(token, words);
}

/* From its first token to its `;`. */
static void statement_lower(struct lower *lower, const struct token *start,
                            const struct token *end)
{
    const struct token *name = start;

    for (const struct token *token = start; token < end; token++)
        if (is_branch(token) || token_is_byte(token, '{')) {
            lower->build->trouble = "statements in it do not compile";
            return;
        }
    if (token_is(start, "return")) {
        scope_leave(lower, NULL);
        flow_end(lower, IR_RETURN, value_of(lower, start + 1, end), 0);
        return;
    }
    for (const struct token *token = start; token + 1 < end; token++)
        if (token_is_byte(token, '=') && !token_is_byte(token + 1, '='))
            name = token + 1;
    if (name->kind == TOKEN_WORD && token_is_byte(name + 1, '(') &&
        token_behind(name + 1) == end)
        call_lower(lower, start, name);
}

void hole_lower(struct lower *lower, struct text_point from,
                struct text_point to)
{
    struct tokens tokens = {.tested.arena = lower->arena};
    struct map defined = {.arena = lower->arena};
    size_t length;
    const char *text = text_of(lower, from.file, &length);

    if (clang_File_isEqual(from.file, lower->mended.file) &&
        from.offset < lower->mended.offset)
        from.offset = lower->mended.offset;
    if (!lower->errors.count || !clang_File_isEqual(from.file, to.file) ||
        to.offset > length || from.offset >= to.offset ||
        !has_error(lower, from.file, from.offset, to.offset))
        return;
    lower->mended = to;
    tokens_read(lower->arena, text + from.offset, to.offset - from.offset,
                &tokens, &defined);
    tokens_end(lower->arena, &tokens);
    for (const struct token *token = tokens.code.items;
         token->kind != TOKEN_END;) {
        const struct token *start = token;
        size_t at = (size_t)(start->text - text);

        while (token->kind != TOKEN_END && !token_is_byte(token, ';'))
            token = token_is_byte(token, '(') ? token_behind(token) : token + 1;
        if (token > start &&
            has_error(lower, from.file, at, (size_t)(token->text - text))) {
            place_set(lower, from.file, at);
            statement_lower(lower, start, token);
        }
        token += token->kind != TOKEN_END;
    }
}
