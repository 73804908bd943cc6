/*
 * A translation unit becomes IR: the functions of its main file, and those
 * of its own headers that they use. Inline functions that nobody calls cost
 * nothing; system headers are packs' business and are never lowered.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/lower.h"

#include <assert.h>

#include "base/err.h"
#include "front/flow.h"
#include "front/head.h"
#include "ir/ir_body.h"

struct child_list {
    struct arena *arena;
    VEC(CXCursor) items;
    bool only_expressions;
};

static enum CXChildVisitResult child_visit(CXCursor child, CXCursor parent,
                                           CXClientData data)
{
    struct child_list *list = data;

    (void)parent;
    if (!list->only_expressions ||
        clang_isExpression(clang_getCursorKind(child)))
        vec_add(list->arena, &list->items, child);
    return CXChildVisit_Continue;
}

static struct children children_kept(struct lower *lower, CXCursor cursor,
                                     bool only_expressions)
{
    struct child_list list = {
        .arena = &lower->build->arena,
        .only_expressions = only_expressions,
    };

    clang_visitChildren(cursor, child_visit, &list);
    return (struct children){list.items.items, list.items.count};
}

struct children children_of(struct lower *lower, CXCursor cursor)
{
    return children_kept(lower, cursor, false);
}

/* MemberRef, TypeRef and the like are references, not expressions. */
struct children expr_children_of(struct lower *lower, CXCursor cursor)
{
    return children_kept(lower, cursor, true);
}

struct children expr_children_among(struct lower *lower,
                                    const struct children *children)
{
    struct child_list list = {.arena = &lower->build->arena};

    for (uint32_t i = 0; i < children->count; i++)
        if (clang_isExpression(clang_getCursorKind(children->items[i])))
            vec_add(list.arena, &list.items, children->items[i]);
    return (struct children){list.items.items, list.items.count};
}

static void lower_note(struct lower *lower, const char *reason,
                       struct ir_loc loc)
{
    struct ir_note note = {.reason = lower_str(lower, reason), .loc = loc};

    vec_add(lower->arena, &lower->unit->notes, note);
}

static bool is_in_main_file(const struct lower *lower, CXCursor decl)
{
    CXFile file;

    /* isFromMainFile is false for whatever came out of a macro. */
    clang_getExpansionLocation(clang_getCursorLocation(decl), &file, NULL, NULL,
                               NULL);
    return clang_File_isEqual(file, lower->main_file);
}

static void queue_add(struct lower *lower, CXCursor definition)
{
    CXCursor first = clang_getCanonicalCursor(definition);
    bool is_new;

    map_add(&lower->queued, &first.data[0], sizeof(first.data[0]), 1, &is_new);
    if (is_new)
        vec_add(lower->arena, &lower->queue, definition);
}

void lower_want(struct lower *lower, CXCursor decl)
{
    CXCursor definition = clang_getCursorDefinition(decl);

    if (clang_Cursor_isNull(definition) ||
        clang_Location_isInSystemHeader(clang_getCursorLocation(definition)))
        return;
    queue_add(lower, definition);
}

/* The functions that an initialiser names. */
struct named {
    struct lower *lower; /* which wants them; or NULL */
    bool is_any;
};

static enum CXChildVisitResult function_visit(CXCursor cursor, CXCursor parent,
                                              CXClientData data)
{
    struct named *named = data;
    CXCursor function = clang_getCursorReferenced(cursor);

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_DeclRefExpr ||
        clang_getCursorKind(function) != CXCursor_FunctionDecl)
        return CXChildVisit_Recurse;
    named->is_any = true;
    if (!named->lower)
        return CXChildVisit_Break;
    lower_want(named->lower, function);
    return CXChildVisit_Continue;
}

void lower_static_add(struct lower *lower, CXCursor var)
{
    struct named named = {.lower = lower};

    clang_visitChildren(var, function_visit, &named);
    vec_add(lower->arena, &lower->statics, var);
}

static bool names_function(CXCursor var)
{
    struct named named = {0};

    clang_visitChildren(var, function_visit, &named);
    return named.is_any;
}

bool lower_is_root(CXCursor decl)
{
    if (!clang_isCursorDefinition(decl) ||
        clang_Location_isInSystemHeader(clang_getCursorLocation(decl)))
        return false;
    if (clang_getCursorKind(decl) == CXCursor_VarDecl)
        return names_function(decl);
    return clang_getCursorKind(decl) == CXCursor_FunctionDecl &&
           !clang_Cursor_isFunctionInlined(decl) &&
           clang_Cursor_getStorageClass(decl) != CX_SC_Static;
}

static void roots_queue(struct lower *lower)
{
    for (uint32_t i = 0; i < lower->declared.count; i++) {
        CXCursor decl = lower->declared.items[i];
        enum CXCursorKind kind = clang_getCursorKind(decl);

        if (!clang_isCursorDefinition(decl) ||
            (!is_in_main_file(lower, decl) && !lower_is_root(decl)))
            continue;
        if (kind == CXCursor_FunctionDecl)
            queue_add(lower, decl);
        else if (kind == CXCursor_VarDecl)
            lower_static_add(lower, decl);
    }
}

static void params_add(struct lower *lower, CXCursor definition)
{
    int count = clang_Cursor_getNumArguments(definition);

    for (int i = 0; i < count; i++)
        lower_var(lower, clang_Cursor_getArgument(definition, (unsigned)i));
    lower->build->fn.param_count = count > 0 ? (uint32_t)count : 0;
}

static struct ir_loc loc_of_end(struct ir_loc loc)
{
    loc.line = loc.end_line;
    loc.column = loc.end_column > 1 ? loc.end_column - 1 : 1;
    return loc;
}

static void body_lower(struct lower *lower, CXCursor definition)
{
    struct children children = children_of(lower, definition);

    for (uint32_t i = 0; i < children.count; i++)
        if (clang_getCursorKind(children.items[i]) == CXCursor_CompoundStmt)
            lower_compound(lower, children.items[i], NULL);
    flow_loc_set(lower, loc_of_end(lower->build->fn.loc));
}

static void function_lower(struct lower *lower, CXCursor definition)
{
    struct fn_build build = {0};

    flow_init(lower, &build);
    build.fn.symbol = lower_symbol(lower, definition);
    build.fn.loc = lower_loc(lower, definition);
    flow_loc_set(lower, build.fn.loc);
    params_add(lower, definition);
    body_lower(lower, definition);
    if (hole_is_open(lower, definition))
        build.trouble = "a brace in it is never closed, and what stands "
                        "behind it is not read";
    flow_finish(lower);
    if (build.trouble) {
        lower_note(lower, build.trouble, build.fn.loc);
        vec_last(&lower->unit->notes)->fn = lower->unit->fns.count - 1;
    }
    lower->build = NULL;
    arena_finish(&build.arena);
}

static void static_lower(struct lower *lower, CXCursor var)
{
    struct children parts = expr_children_of(lower, var);
    ir_id symbol = lower_symbol(lower, var);

    flow_loc_set(lower, lower_loc(lower, var));
    if (parts.count && symbol)
        lower_init(lower, node_symbol(lower, symbol), clang_getCursorType(var),
                   parts.items[parts.count - 1], IR_OP_INIT);
}

/* File-scope initialisers are kept as one function that is never called:
 * tables of callbacks are filled there. */
static void statics_lower(struct lower *lower)
{
    struct fn_build build = {0};

    flow_init(lower, &build);
    build.fn.symbol = lower_symbol_builtin(lower, "<initialisers>");
    build.fn.flags = IR_FN_INITS;
    build.fn.loc = (struct ir_loc){lower->unit->main_file, 1, 1, 1, 1};
    for (uint32_t i = 0; i < lower->statics.count; i++)
        static_lower(lower, lower->statics.items[i]);
    flow_loc_set(lower, build.fn.loc);
    flow_finish(lower);
    lower->build = NULL;
    arena_finish(&build.arena);
}

static void inclusion_visit(CXFile included, CXSourceLocation *stack,
                            unsigned depth, CXClientData data)
{
    struct lower *lower = data;

    lower_file_from(lower, included,
                    depth && clang_Location_isInSystemHeader(stack[0]));
}

void lower_maps_init(struct lower *lower)
{
    lower->strings.arena = lower->arena;
    lower->files.arena = lower->arena;
    lower->types.arena = lower->arena;
    lower->records.arena = lower->arena;
    lower->field_ids.arena = lower->arena;
    lower->symbols.arena = lower->arena;
    lower->builtins.arena = lower->arena;
    lower->decls.arena = lower->arena;
    lower->by_name.arena = lower->arena;
    lower->texts.arena = lower->arena;
    lower->queued.arena = lower->arena;
}

void lower_unit(struct lower *lower)
{
    CXString name = clang_getTranslationUnitSpelling(lower->tu);
    CXFile file = clang_getFile(lower->tu, clang_getCString(name));
    const char *reason = "";

    clang_disposeString(name);
    lower_maps_init(lower);
    lower->main_file = file;
    lower->unit->main_file = lower_file(lower, file);
    head_files_add(lower);
    clang_getInclusions(lower->tu, inclusion_visit, lower);
    decl_collect(lower);
    hole_errors_find(lower);
    roots_queue(lower);
    for (uint32_t i = 0; i < lower->queue.count; i++)
        function_lower(lower, lower->queue.items[i]);
    statics_lower(lower);
    ir_bodies_mark(lower->unit);
    if (!ir_unit_is_valid(lower->unit, &reason))
        BUG("the IR is not valid: %s", reason);
}
