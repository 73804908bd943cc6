/*
 * Marks: annotations, which libclang knows, and words, which it does not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/marks.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "front/head.h"

enum { LONGEST_CONTEXT = 120 }; /* arguments of an attribute */

void marks_add(struct lower *lower, mark_list *marks, struct mark mark)
{
    for (uint32_t i = 0; i < marks->count; i++)
        if (marks->items[i].text == mark.text &&
            marks->items[i].is_word == mark.is_word)
            return;
    vec_add(lower->arena, marks, mark);
}

static void word_mark(struct lower *lower, mark_list *marks, const char *word)
{
    marks_add(lower, marks, (struct mark){lower_str(lower, word), true});
}

/* An attribute that came out of a macro: the word in the declaration's text is
 * the macro's, the attribute's own is in the macro's. */
struct hidden_word {
    unsigned at; /* the macro's word */
    struct text_point spelling;
};

struct annotations {
    struct lower *lower;
    mark_list *marks;
    VEC(struct hidden_word) hidden;
};

static void hidden_add(struct annotations *found, CXCursor attribute)
{
    struct origin origin = text_origin(found->lower, attribute);
    struct hidden_word hidden = {origin.expansion.offset, origin.spelling};

    if (origin.in_macro && !origin.in_argument)
        vec_add(found->lower->arena, &found->hidden, hidden);
}

/* `[[noreturn]]` stands before what libclang calls the declaration. */
static void noreturn_add(struct annotations *found, CXCursor attribute)
{
    struct origin origin = text_origin(found->lower, attribute);
    const char *word = text_word_at(found->lower, origin.spelling);

    if (!strcmp(word, "noreturn") || !strcmp(word, "_Noreturn"))
        word_mark(found->lower, found->marks, word);
}

static enum CXChildVisitResult annotation_visit(CXCursor child, CXCursor parent,
                                                CXClientData data)
{
    struct annotations *found = data;
    struct mark mark = {0};

    (void)parent;
    if (clang_getCursorKind(child) == CXCursor_UnexposedAttr) {
        hidden_add(found, child);
        noreturn_add(found, child);
    }
    if (clang_getCursorKind(child) != CXCursor_AnnotateAttr)
        return CXChildVisit_Continue;
    mark.text = lower_cxstr(found->lower, clang_getCursorSpelling(child));
    marks_add(found->lower, found->marks, mark);
    return CXChildVisit_Continue;
}

static bool has_word(const char *type, const char *word)
{
    size_t length = strlen(word);

    while (type && (type = strstr(type, word))) {
        if (!isalnum((unsigned char)type[length]) && type[length] != '_')
            return true;
        type += length;
    }
    return false;
}

/* A parameter that a function's attribute names is what callers hand over in
 * its place: `#1`, counting from 0. */
static const char *param_spelt(struct lower *lower, CXCursor decl,
                               const char *word)
{
    int count = clang_getCursorKind(decl) == CXCursor_FunctionDecl
                    ? clang_Cursor_getNumArguments(decl)
                    : 0;

    for (int i = 0; i < count; i++) {
        CXString name = clang_getCursorSpelling(
            clang_Cursor_getArgument(decl, (unsigned)i));
        bool is_same = !strcmp(clang_getCString(name), word);

        clang_disposeString(name);
        if (is_same)
            return arena_printf(lower->arena, "#%d", i);
    }
    return word;
}

/* `TRY_ACQUIRE(0, lock)`: which result is meant, as a word of its own. */
static bool is_called_with_zero(const char *text, size_t length, size_t at)
{
    static const char *const marks[] = {"(", "0", ",)"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        while (at < length && isspace((unsigned char)text[at]))
            at++;
        if (at >= length || !strchr(marks[i], text[at]))
            return false;
        at++;
    }
    return true;
}

/* What the macro's word at `at` stands for. */
static void hidden_words(struct annotations *found, unsigned at)
{
    struct lower *lower = found->lower;

    for (uint32_t i = 0; i < found->hidden.count; i++) {
        struct text_point spelling = found->hidden.items[i].spelling;
        const char *word = text_word_at(lower, spelling);
        size_t length;
        const char *text = text_of(lower, spelling.file, &length);

        if (found->hidden.items[i].at != at || !*word)
            continue;
        word_mark(lower, found->marks, word);
        if (is_called_with_zero(text, length, spelling.offset + strlen(word)))
            word_mark(lower, found->marks, "0");
    }
}

/* sparse's attribute, by what it changes: `context(lock, 0, 1)`, or
 * `context(0, 1)` of the one thing that nobody names. */
static const char *context_spelt(const char *word, const char *text,
                                 size_t length, size_t at)
{
    char behind[LONGEST_CONTEXT + 1] = "";
    int before;
    int after;

    if (strcmp(word, "context") != 0 && strcmp(word, "__context__") != 0)
        return word;
    memcpy(behind, text + at,
           length - at < LONGEST_CONTEXT ? length - at : LONGEST_CONTEXT);
    if (sscanf(behind, " ( %*[^,] , %d , %d )", &before, &after) != 2 &&
        sscanf(behind, " ( %d , %d )", &before, &after) != 2)
        return word;
    return before < after ? "__acquires" : before > after ? "__releases" : word;
}

void marks_gather(struct lower *lower, CXCursor decl, mark_list *marks)
{
    struct annotations found = {lower, marks, {0}};
    text_ranges words = {0};
    CXFile file = NULL;
    size_t length;
    const char *text;
    CXString type;

    clang_visitChildren(decl, annotation_visit, &found);
    text_decl_words(lower, decl, &words, &file);
    text = text_of(lower, file, &length);
    if (!words.count)
        return;
    type = clang_getTypeSpelling(clang_getCursorType(decl));
    for (uint32_t i = 0; i < words.count; i++) {
        struct text_range range = words.items[i];
        const char *word = arena_strndup(lower->arena, text + range.start,
                                         range.end - range.start);
        const char *spelt = param_spelt(lower, decl, word);

        if (spelt == word)
            spelt = context_spelt(word, text, length, range.end);
        if (spelt != word || !has_word(clang_getCString(type), word))
            word_mark(lower, marks, spelt);
        hidden_words(&found, range.start);
        if (is_called_with_zero(text, length, range.end))
            word_mark(lower, marks, "0");
    }
    clang_disposeString(type);
}

void marks_gather_all(struct lower *lower, CXCursor decl, mark_list *marks)
{
    CXCursor first = clang_getCanonicalCursor(decl);
    const uint32_t *newest =
        map_find(&lower->decls, &first.data[0], sizeof(first.data[0]));

    if (newest) {
        uint32_t at = *newest;

        marks_gather(lower, lower->declared.items[at], marks);
        for (; lower->older[at] != at; at = lower->older[at])
            marks_gather(lower, lower->declared.items[lower->older[at]], marks);
    }
    if (!head_marks_add(lower, first, marks) && !newest)
        marks_gather(lower, decl, marks);
}

static struct ir_list list_of(struct lower *lower, const mark_list *marks,
                              bool is_word)
{
    struct ir_list list = {lower->unit->lists.count, 0};

    for (uint32_t i = 0; i < marks->count; i++) {
        if (marks->items[i].is_word != is_word)
            continue;
        vec_add(lower->arena, &lower->unit->lists, marks->items[i].text);
        list.count++;
    }
    return list;
}

void marks_list(struct lower *lower, const mark_list *marks,
                struct ir_list *annotations, struct ir_list *words)
{
    *annotations = list_of(lower, marks, false);
    *words = list_of(lower, marks, true);
}

void decl_marks(struct lower *lower, CXCursor decl, struct ir_list *annotations,
                struct ir_list *words)
{
    mark_list marks = {0};

    marks_gather(lower, decl, &marks);
    marks_list(lower, &marks, annotations, words);
}
