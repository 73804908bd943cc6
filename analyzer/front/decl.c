/*
 * File-scope names: functions, variables, typedefs. libclang can't list the
 * redeclarations of a thing, so all file-scope declarations are collected
 * once; a symbol is made, with the union of what its declarations carry, when
 * something refers to it first. Most of what headers declare never is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "front/flow.h"
#include "front/head.h"
#include "front/marks.h"

ir_str lower_str(struct lower *lower, const char *text)
{
    struct ir_unit *unit = lower->unit;
    size_t length = strlen(text);
    bool is_new;
    uint32_t *at;

    if (!length)
        return 0;
    at = map_add(&lower->strings, text, length, unit->text.count, &is_new);
    for (size_t i = 0; is_new && i <= length; i++)
        vec_add(lower->arena, &unit->text, text[i]);
    return *at;
}

/* clang spells what has no name by its place, and complaints may name files:
 * the root is taken out of both. */
static const char *rootless(struct lower *lower, const char *text)
{
    struct strbuf rest = {.arena = lower->arena};
    size_t length = strlen(lower->root);
    const char *found = strstr(text, lower->root);

    if (!found)
        return text;
    for (; found; found = strstr(text, lower->root)) {
        bool is_whole = length > 1 && found[length] == '/';

        strbuf_add_bytes(&rest, text, (size_t)(found - text));
        if (!is_whole)
            strbuf_add_bytes(&rest, found, length);
        text = found + length + is_whole;
    }
    strbuf_add(&rest, text);
    return strbuf_text(&rest);
}

ir_str lower_cxstr(struct lower *lower, CXString text)
{
    const char *chars = clang_getCString(text);
    ir_str made = lower_str(lower, chars ? rootless(lower, chars) : "");

    clang_disposeString(text);
    return made;
}

struct ir_list lower_list(struct lower *lower, const uint32_t *items,
                          uint32_t count)
{
    struct ir_list list = {lower->unit->lists.count, count};

    for (uint32_t i = 0; i < count; i++)
        vec_add(lower->arena, &lower->unit->lists, items[i]);
    return list;
}

struct ir_loc lower_loc(struct lower *lower, CXCursor cursor)
{
    return lower_loc_of(lower, text_extent(lower, cursor));
}

struct ir_loc lower_loc_of(struct lower *lower, CXSourceRange range)
{
    struct ir_loc loc = {0};
    CXFile file;
    CXFile end_file;

    clang_getFileLocation(clang_getRangeStart(range), &file, &loc.line,
                          &loc.column, NULL);
    clang_getFileLocation(clang_getRangeEnd(range), &end_file, &loc.end_line,
                          &loc.end_column, NULL);
    loc.file = lower_file(lower, file);
    if (!clang_File_isEqual(file, end_file) || loc.end_line < loc.line ||
        (loc.end_line == loc.line && loc.end_column <= loc.column)) {
        loc.end_line = loc.line;
        loc.end_column = loc.column + 1;
    }
    return loc;
}

static enum CXChildVisitResult declared_add(CXCursor decl, CXCursor parent,
                                            CXClientData data)
{
    struct lower *lower = data;
    enum CXCursorKind kind = clang_getCursorKind(decl);

    (void)parent;
    if (kind == CXCursor_LinkageSpec || kind == CXCursor_UnexposedDecl)
        return CXChildVisit_Recurse;
    if (kind == CXCursor_FunctionDecl || kind == CXCursor_VarDecl ||
        kind == CXCursor_TypedefDecl)
        vec_add(lower->arena, &lower->declared, decl);
    return CXChildVisit_Continue;
}

/* Chains the declarations of one thing: `decls` has its newest one, `older`
 * leads on to the others. */
void decl_collect(struct lower *lower)
{
    clang_visitChildren(clang_getTranslationUnitCursor(lower->tu), declared_add,
                        lower);
    lower->older = arena_array(lower->arena, lower->declared.count + 1,
                               sizeof(*lower->older));
    for (uint32_t i = 0; i < lower->declared.count; i++) {
        CXCursor first = clang_getCanonicalCursor(lower->declared.items[i]);
        bool is_new;
        uint32_t *newest = map_add(&lower->decls, &first.data[0],
                                   sizeof(first.data[0]), i, &is_new);

        lower->older[i] = is_new ? i : *newest;
        *newest = i;
    }
}

/* libclang names no such attribute; its word, or a macro's that stands for it,
 * is in the text. */
static bool is_said(struct lower *lower, const struct ir_symbol *symbol,
                    const char *attribute)
{
    for (uint32_t i = 0; i < symbol->words.count; i++) {
        ir_str word = ir_list_at(lower->unit, symbol->words, i);

        if (strcasestr(ir_text(lower->unit, word), attribute))
            return true;
    }
    return false;
}

static uint32_t flags_of(CXCursor decl)
{
    uint32_t flags = 0;

    if (clang_Cursor_getStorageClass(decl) == CX_SC_Static)
        flags |= IR_SYMBOL_STATIC;
    if (clang_Cursor_isFunctionInlined(decl))
        flags |= IR_SYMBOL_INLINE;
    if (clang_Cursor_isVariadic(decl))
        flags |= IR_SYMBOL_VARIADIC;
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(decl)))
        flags |= IR_SYMBOL_SYSTEM;
    if (!clang_Cursor_isNull(clang_getCursorDefinition(decl)))
        flags |= IR_SYMBOL_DEFINED;
    if (clang_getCursorTLSKind(decl) != CXTLS_None)
        flags |= IR_SYMBOL_THREAD_LOCAL;
    return flags;
}

/* The same thing has the same name in every unit: an external one its own, a
 * static one its file's as well, a static local its function's, too. */
static const char *usr_of(struct lower *lower, CXCursor decl,
                          const struct ir_symbol *symbol)
{
    const char *name = ir_text(lower->unit, symbol->name);
    CXCursor parent = clang_getCursorSemanticParent(decl);
    bool is_local = clang_getCursorKind(parent) == CXCursor_FunctionDecl;
    const char *file =
        ir_text(lower->unit, lower->unit->files.items[symbol->loc.file].path);

    if (symbol->kind == IR_SYMBOL_TYPEDEF)
        return arena_printf(lower->arena, "typedef %s", name);
    if (is_local)
        return arena_printf(lower->arena, "%s:%u:%s", file, symbol->loc.line,
                            name);
    if (symbol->flags & IR_SYMBOL_STATIC)
        return arena_printf(lower->arena, "%s:%s", file, name);
    return name;
}

ir_id lower_symbol(struct lower *lower, CXCursor decl)
{
    struct ir_symbol symbol = {.kind = IR_SYMBOL_GLOBAL};
    CXCursor first = clang_getCanonicalCursor(decl);
    uint32_t *known =
        map_find(&lower->symbols, &first.data[0], sizeof(first.data[0]));
    enum CXCursorKind kind = clang_getCursorKind(decl);
    mark_list marks = {0};
    ir_id made;

    if (known)
        return *known;
    if (kind == CXCursor_FunctionDecl)
        symbol.kind = IR_SYMBOL_FUNCTION;
    else if (kind == CXCursor_TypedefDecl)
        symbol.kind = IR_SYMBOL_TYPEDEF;
    symbol.name = lower_cxstr(lower, clang_getCursorSpelling(decl));
    symbol.flags = flags_of(decl);
    symbol.loc = lower_loc(lower, first);
    marks_gather_all(lower, decl, &marks);
    marks_list(lower, &marks, &symbol.annotations, &symbol.words);
    if (symbol.kind == IR_SYMBOL_FUNCTION &&
        (is_said(lower, &symbol, "noreturn") ||
         lower_type_never_returns(clang_getCursorType(decl))))
        symbol.flags |= IR_SYMBOL_NORETURN;
    if (is_said(lower, &symbol, "weak"))
        symbol.flags |= IR_SYMBOL_WEAK;
    /* What system headers write around a declaration marks nothing. */
    if (symbol.flags & IR_SYMBOL_SYSTEM)
        symbol.words = (struct ir_list){0};
    symbol.usr = lower_str(lower, usr_of(lower, decl, &symbol));
    vec_add(lower->arena, &lower->unit->symbols, symbol);
    made = lower->unit->symbols.count - 1;
    map_add(&lower->symbols, &first.data[0], sizeof(first.data[0]), made, NULL);
    if (symbol.kind != IR_SYMBOL_TYPEDEF) {
        ir_id type = lower_type(lower, clang_getCursorType(decl));

        lower->unit->symbols.items[made].type = type;
    }
    return made;
}

/* A function of a header, which nothing refers to but this. */
static ir_id symbol_wanted(struct lower *lower, CXCursor decl)
{
    if (clang_getCursorKind(decl) == CXCursor_FunctionDecl)
        lower_want(lower, decl);
    return lower_symbol(lower, decl);
}

ir_id lower_symbol_named(struct lower *lower, const char *name)
{
    CXCursor shared = head_cursor_find(lower, name);
    uint32_t *found;

    if (!clang_Cursor_isNull(shared))
        return symbol_wanted(lower, shared);
    if (!lower->by_name.entries.count)
        for (uint32_t i = 0; i < lower->declared.count; i++) {
            CXCursor decl = lower->declared.items[i];
            CXString text = clang_getCursorSpelling(decl);
            const char *chars = clang_getCString(text);

            if (clang_getCursorKind(decl) != CXCursor_TypedefDecl && chars)
                map_add_str(&lower->by_name, chars, i, NULL);
            clang_disposeString(text);
        }
    found = map_find_str(&lower->by_name, name);
    return found ? symbol_wanted(lower, lower->declared.items[*found]) : 0;
}

ir_id lower_symbol_builtin(struct lower *lower, const char *name)
{
    struct ir_symbol symbol = {
        .kind = IR_SYMBOL_FUNCTION,
        .flags = IR_SYMBOL_BUILTIN,
    };
    bool is_new;
    uint32_t *known = map_add_str(&lower->builtins, name,
                                  lower->unit->symbols.count, &is_new);

    if (!is_new)
        return *known;
    symbol.name = lower_str(lower, name);
    symbol.usr = symbol.name;
    vec_add(lower->arena, &lower->unit->symbols, symbol);
    return *known;
}

/* libclang prints the attribute with its declaration, and no other way. */
static ir_id cleanup_of(struct lower *lower, CXCursor decl)
{
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(decl);
    CXString printed;
    const char *text;
    size_t length = 0;
    ir_id symbol = 0;

    clang_PrintingPolicy_setProperty(policy,
                                     CXPrintingPolicy_SuppressInitializers, 1);
    printed = clang_getCursorPrettyPrinted(decl, policy);
    text = clang_getCString(printed);
    text = text ? strstr(text, "cleanup(") : NULL;
    if (text) {
        text += strlen("cleanup(");
        while (isalnum((unsigned char)text[length]) || text[length] == '_')
            length++;
        symbol = lower_symbol_named(lower,
                                    arena_strndup(lower->arena, text, length));
    }
    clang_disposeString(printed);
    clang_PrintingPolicy_dispose(policy);
    return symbol;
}

static enum CXChildVisitResult attribute_find(CXCursor child, CXCursor parent,
                                              CXClientData data)
{
    bool *found = data;

    (void)parent;
    *found = *found || clang_getCursorKind(child) == CXCursor_UnexposedAttr;
    return *found ? CXChildVisit_Break : CXChildVisit_Continue;
}

ir_id lower_var(struct lower *lower, CXCursor decl)
{
    struct ir_var var = {0};
    bool has_attribute = false;
    ir_id made;

    var.name = lower_cxstr(lower, clang_getCursorSpelling(decl));
    var.type = lower_type(lower, clang_getCursorType(decl));
    var.loc = lower_loc(lower, decl);
    if (clang_getCursorKind(decl) == CXCursor_ParmDecl)
        var.flags |= IR_VAR_PARAM;
    clang_visitChildren(decl, attribute_find, &has_attribute);
    if (has_attribute)
        var.cleanup = cleanup_of(lower, decl);
    if (var.flags & IR_VAR_PARAM)
        decl_marks(lower, decl, &var.annotations, &var.words);
    vec_add(lower->arena, &lower->unit->vars, var);
    made = lower->unit->vars.count - 1;
    map_add(&lower->build->var_by_decl, &decl.data[0], sizeof(decl.data[0]),
            made, NULL);
    return made;
}
