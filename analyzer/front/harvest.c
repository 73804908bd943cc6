/*
 * How much of a unit was read, see harvest.h. What counts is lines: those of
 * bodies, its headers' too, and less of them where something is wrong in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/harvest.h"

#include <string.h>

#include "base/vec.h"
#include "front/lower.h"
#include "front/prelude.h"

enum {
    LINE_READ = 2, /* what a line of a body is worth, … */
    LINE_HALF = 1, /* … and one in which something was not understood */
};

struct harvest {
    struct arena arena;
    CXFile file;
    VEC(uint8_t) lines;  /* what each is worth */
    unsigned in_headers; /* the worth of those that are in the tree's headers */
};

static uint8_t *line_at(struct harvest *harvest, unsigned line)
{
    while (harvest->lines.count <= line)
        vec_add(&harvest->arena, &harvest->lines, 0);
    return &harvest->lines.items[line];
}

/* Not of the system's, nor what was made up for the unit. */
static bool is_of_tree(CXSourceRange extent, CXFile file)
{
    CXString name = clang_getFileName(file);
    const char *text = clang_getCString(name);
    bool is_prelude = text && !strcmp(text, PRELUDE_NAME);

    clang_disposeString(name);
    return !is_prelude &&
           !clang_Location_isInSystemHeader(clang_getRangeStart(extent));
}

static enum CXChildVisitResult body_visit(CXCursor cursor, CXCursor parent,
                                          CXClientData data)
{
    struct harvest *harvest = data;
    CXSourceRange extent;
    unsigned first;
    unsigned last;
    CXFile file;

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl ||
        !clang_isCursorDefinition(cursor))
        return CXChildVisit_Continue;
    extent = clang_getCursorExtent(cursor);
    clang_getExpansionLocation(clang_getRangeStart(extent), &file, &first, NULL,
                               NULL);
    clang_getExpansionLocation(clang_getRangeEnd(extent), NULL, &last, NULL,
                               NULL);
    if (!clang_File_isEqual(file, harvest->file)) {
        if (is_of_tree(extent, file))
            harvest->in_headers += (last - first + 1) * LINE_READ;
        return CXChildVisit_Continue;
    }
    for (unsigned line = first; line <= last; line++)
        *line_at(harvest, line) = LINE_READ;
    return CXChildVisit_Continue;
}

static void errors_mark(struct harvest *harvest, CXTranslationUnit tu)
{
    unsigned count = clang_getNumDiagnostics(tu);

    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);
        CXFile file;
        unsigned line;

        clang_getExpansionLocation(clang_getDiagnosticLocation(diagnostic),
                                   &file, &line, NULL, NULL);
        if (lower_is_error(diagnostic) &&
            clang_File_isEqual(file, harvest->file) &&
            *line_at(harvest, line) == LINE_READ)
            *line_at(harvest, line) = LINE_HALF;
        clang_disposeDiagnostic(diagnostic);
    }
}

unsigned harvest_of(CXTranslationUnit tu)
{
    struct harvest harvest = {0};
    CXString name = clang_getTranslationUnitSpelling(tu);
    unsigned sum;

    harvest.file = clang_getFile(tu, clang_getCString(name));
    clang_disposeString(name);
    clang_visitChildren(clang_getTranslationUnitCursor(tu), body_visit,
                        &harvest);
    errors_mark(&harvest, tu);
    sum = harvest.in_headers;
    for (uint32_t i = 0; i < harvest.lines.count; i++)
        sum += harvest.lines.items[i];
    arena_finish(&harvest.arena);
    return sum;
}
