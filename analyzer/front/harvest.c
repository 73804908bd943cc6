/*
 * How much of a unit was read, see harvest.h. What counts is lines: those of
 * bodies, and less of them where something is wrong in them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/harvest.h"

#include "base/vec.h"
#include "front/lower.h"

enum {
    LINE_READ = 2, /* what a line of a body is worth, … */
    LINE_HALF = 1, /* … and one in which something was not understood */
};

struct harvest {
    struct arena arena;
    CXFile file;
    VEC(uint8_t) lines; /* what each is worth */
};

static uint8_t *line_at(struct harvest *harvest, unsigned line)
{
    while (harvest->lines.count <= line)
        vec_add(&harvest->arena, &harvest->lines, 0);
    return &harvest->lines.items[line];
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
    if (!clang_File_isEqual(file, harvest->file))
        return CXChildVisit_Continue;
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
    unsigned sum = 0;

    harvest.file = clang_getFile(tu, clang_getCString(name));
    clang_disposeString(name);
    clang_visitChildren(clang_getTranslationUnitCursor(tu), body_visit,
                        &harvest);
    errors_mark(&harvest, tu);
    for (uint32_t i = 0; i < harvest.lines.count; i++)
        sum += harvest.lines.items[i];
    arena_finish(&harvest.arena);
    return sum;
}
