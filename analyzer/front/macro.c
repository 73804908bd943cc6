/*
 * Macro expansions. Real code hides locks in macros, so the IR keeps them:
 * MACRO_BEGIN and MACRO_END around what a function-like macro expanded to,
 * with its arguments as access paths. An expansion that is only part of an
 * expression and leads to no op leaves no trace.
 *
 * libclang tells of every token where it was written and where it was
 * expanded; the name and the arguments stand in the file at the latter.
 * What was written in an argument is the user's code, not the macro's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/flow.h"
#include "front/syntax.h"

static const struct open_macro *open_find(const struct fn_build *build,
                                          struct text_point at)
{
    const struct open_macro *open = build->macro;

    while (open && !text_same_point(open->at, at))
        open = open->outer;
    return open;
}

static ir_id macro_add(struct lower *lower, struct text_point at,
                       const text_ranges *args)
{
    const struct open_macro *outer = lower->build->macro;
    struct ir_macro macro = {
        .name = lower_str(lower, text_word_at(lower, at)),
        .parent = outer ? outer->macro : 0,
        .loc = flow_loc(lower),
    };
    uint32_t *places =
        arena_array(&lower->build->arena, args->count + 1, sizeof(*places));

    macro.args = lower_list(lower, places, args->count);
    vec_add(lower->arena, &lower->unit->macros, macro);
    return lower->unit->macros.count - 1;
}

static void macro_open(struct lower *lower, struct text_point at,
                       const text_ranges *args)
{
    struct fn_build *build = lower->build;
    struct open_macro *open = arena_alloc(&build->arena, sizeof(*open));

    open->at = at;
    open->macro = macro_add(lower, at, args);
    open->outer = build->macro;
    open->args = *args;
    open->found =
        arena_array(&build->arena, args->count + 1, sizeof(*open->found));
    build->macro = open;
}

struct macro_mark macro_enter(struct lower *lower, CXCursor cursor,
                              bool is_statement)
{
    struct fn_build *build = lower->build;
    CXSourceRange range = text_extent(lower, cursor);
    struct origin origin;
    struct macro_mark mark = {build->macro, build->macro_context, build->where,
                              false, is_statement};
    const struct open_macro *open;
    text_ranges args = {0};
    unsigned end;

    build->where = (struct where){.range = range, .is_due = true};
    if (!text_is_expanded(range)) {
        build->macro_context = 0;
        return mark;
    }
    origin = text_origin_of(range);
    if (!origin.in_macro || origin.in_argument) {
        build->macro_context = origin.in_macro ? build->macro_context : 0;
        return mark;
    }
    if (!open_find(build, origin.expansion) &&
        text_macro_args(lower, origin.expansion, &args, &end)) {
        macro_open(lower, origin.expansion, &args);
        mark.is_pushed = true;
    }
    open = open_find(build, origin.expansion);
    build->macro_context = open ? open->macro : 0;
    return mark;
}

static ir_id context_of(const struct open_macro *outer)
{
    return outer ? outer->macro : 0;
}

static void begin_emit(struct lower *lower, struct open_macro *open)
{
    struct fn_build *build = lower->build;
    ir_id context = build->macro_context;
    struct ir_op begin = {.kind = IR_MACRO_BEGIN, .a = open->macro};

    if (!open || open->is_begun)
        return;
    if (open->outer)
        begin_emit(lower, open->outer);
    open->is_begun = true;
    build->macro_context = context_of(open->outer);
    flow_emit(lower, begin, NULL);
    build->macro_context = context;
}

void macro_flush(struct lower *lower)
{
    if (lower->build->macro)
        begin_emit(lower, lower->build->macro);
}

/* An argument that the expansion doesn't use as an expression: what its text
 * names where it stands. */
static ir_id argument_by_text(struct lower *lower, struct text_point at,
                              struct text_range range)
{
    size_t length;
    const char *text = text_of(lower, at.file, &length);

    if (range.end > length || range.start >= range.end)
        return node_unknown(lower, "", 0);
    return syntax_path(lower, text + range.start, range.end - range.start);
}

static void arguments_complete(struct lower *lower,
                               const struct open_macro *open)
{
    struct ir_list list = lower->unit->macros.items[open->macro].args;

    for (uint32_t i = 0; i < list.count; i++) {
        ir_id found = ir_list_at(lower->unit, list, i);

        if (!found)
            found = argument_by_text(lower, open->at, open->args.items[i]);
        lower->unit->lists.items[list.first + i] = found;
    }
}

void macro_leave(struct lower *lower, struct macro_mark mark)
{
    struct fn_build *build = lower->build;
    struct open_macro *open = build->macro;

    if (mark.is_pushed) {
        if (mark.is_statement)
            macro_flush(lower);
        if (open->is_begun) {
            struct ir_op end = {.kind = IR_MACRO_END, .a = open->macro};

            arguments_complete(lower, open);
            build->macro_context = context_of(open->outer);
            flow_emit(lower, end, NULL);
        }
        build->macro = mark.outer;
    }
    build->macro_context = mark.context;
    build->where = mark.where;
}

/* Parts come before what they are a part of: `room->lock` after `room`, which
 * begins where it does. */
void macro_argument(struct lower *lower, CXCursor cursor, ir_id expr)
{
    const struct open_macro *open = lower->build->macro;
    struct text_point end;
    struct origin origin;

    if (!open)
        return;
    origin = text_origin(lower, cursor);
    clang_getSpellingLocation(clang_getRangeEnd(text_extent(lower, cursor)),
                              &end.file, NULL, NULL, &end.offset);
    for (; open; open = open->outer) {
        struct ir_list list = lower->unit->macros.items[open->macro].args;

        if (!clang_File_isEqual(origin.spelling.file, open->at.file))
            continue;
        for (uint32_t i = 0; i < list.count; i++)
            if (open->args.items[i].start == origin.spelling.offset &&
                open->args.items[i].end >= end.offset &&
                open->found[i] < end.offset) {
                lower->unit->lists.items[list.first + i] = expr;
                open->found[i] = end.offset;
            }
    }
}

void macro_nothing(struct lower *lower, CXCursor null_stmt)
{
    struct text_point at = text_origin(lower, null_stmt).expansion;
    text_ranges args = {0};
    size_t length;
    const char *text = text_of(lower, at.file, &length);
    struct where around = lower->build->where;
    unsigned end;
    int depth = 0;

    if (!at.offset || at.offset > length || text[at.offset - 1] != ')')
        return;
    while (at.offset > 0) {
        at.offset--;
        if (text[at.offset] == ')')
            depth++;
        else if (text[at.offset] == '(' && !--depth)
            break;
    }
    while (at.offset > 0 && strchr(" \t", text[at.offset - 1]))
        at.offset--;
    at.offset -= (unsigned)strlen(text_word_before(lower, at));
    if (!*text_word_at(lower, at) || open_find(lower->build, at) ||
        !text_macro_args(lower, at, &args, &end))
        return;
    flow_loc_set(lower, lower_loc(lower, null_stmt));
    macro_open(lower, at, &args);
    macro_leave(lower, (struct macro_mark){
                           .outer = lower->build->macro->outer,
                           .context = lower->build->macro_context,
                           .where = around,
                           .is_pushed = true,
                           .is_statement = true,
                       });
}
