/*
 * What a head declares. libclang reads a precompiled declaration when somebody
 * asks for it, and can't list those of one thing; so what is asked of all
 * declarations together is known beforehand: the marks of what is declared
 * more than once, and where what is asked for by its name stands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/head.h"

static void place_find(struct lower *lower, CXCursor decl,
                       struct head_name *name)
{
    CXString text;
    CXFile file;

    clang_getFileLocation(clang_getCursorLocation(decl), &file, NULL, NULL,
                          &name->offset);
    text = clang_getFileName(file);
    name->file = arena_strdup(lower->arena, clang_getCString(text));
    clang_disposeString(text);
}

static void name_gather(struct head_content *content, struct lower *lower,
                        uint32_t at)
{
    CXCursor decl = lower->declared.items[at];
    CXCursor first = clang_getCanonicalCursor(decl);
    CXString text = clang_getCursorSpelling(decl);
    enum CXCursorKind kind = clang_getCursorKind(decl);
    struct head_name name = {.is_typedef = kind == CXCursor_TypedefDecl};
    const uint32_t *newest =
        map_find(&lower->decls, &first.data[0], sizeof(first.data[0]));
    bool is_new;

    map_add_str(&content->name_numbers, clang_getCString(text),
                content->names.count, &is_new);
    clang_disposeString(text);
    if (lower_is_root(decl))
        content->has_roots = true;
    if (!is_new)
        return;
    name.is_alone = *newest == at && clang_equalCursors(first, decl);
    if (!name.is_alone)
        marks_gather_all(lower, decl, &name.marks);
    if (!name.is_typedef)
        place_find(lower, decl, &name);
    vec_add(&content->arena, &content->names, name);
}

void head_names_gather(struct head_content *content, struct lower *lower)
{
    content->name_numbers.arena = &content->arena;
    decl_collect(lower);
    for (uint32_t i = 0; i < lower->declared.count; i++)
        name_gather(content, lower, i);
}

/* With roots, all that a head declares is read as any unit's. */
static const struct head_name *name_find(const struct front_head *head,
                                         const char *name)
{
    const uint32_t *found;

    if (!head || head->content->has_roots)
        return NULL;
    found = map_find_str(&head->content->name_numbers, name);
    return found ? &head->content->names.items[*found] : NULL;
}

static bool is_at_file_scope(CXCursor decl)
{
    return clang_isTranslationUnit(
        clang_getCursorKind(clang_getCursorSemanticParent(decl)));
}

bool head_marks_add(struct lower *lower, CXCursor first, mark_list *marks)
{
    const struct head_name *name;
    CXString text;

    if (!lower->head || !is_at_file_scope(first))
        return false;
    text = clang_getCursorSpelling(first);
    name = name_find(lower->head, clang_getCString(text));
    clang_disposeString(text);
    if (!name)
        return false;
    if (name->is_alone)
        marks_gather(lower, first, marks);
    for (uint32_t i = 0; i < name->marks.count; i++) {
        struct mark mark = name->marks.items[i];

        mark.text =
            lower_str(lower, ir_text(&lower->head->content->unit, mark.text));
        marks_add(lower, marks, mark);
    }
    return true;
}

static bool is_called(CXCursor cursor, const char *name)
{
    CXString text = clang_getCursorSpelling(cursor);
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    bool is_it = (kind == CXCursor_FunctionDecl || kind == CXCursor_VarDecl) &&
                 !strcmp(clang_getCString(text), name);

    clang_disposeString(text);
    return is_it;
}

CXCursor head_cursor_find(struct lower *lower, const char *name)
{
    const struct head_name *found = name_find(lower->head, name);
    CXCursor cursor = clang_getNullCursor();

    if (!found || found->is_typedef)
        return cursor;
    cursor = clang_getCursor(
        lower->tu,
        clang_getLocationForOffset(
            lower->tu, clang_getFile(lower->tu, found->file), found->offset));
    if (is_called(cursor, name))
        return cursor;
    lower->lacks_head = true;
    return clang_getNullCursor();
}
