/*
 * What was written in the file. libclang shows the program after the
 * preprocessor; markers that expand to nothing, the names of macros and their
 * arguments are only in the text. These are small looks at a known place,
 * bounded, never a parse of C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/head.h"
#include "front/lower.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum {
    /* An argument list longer than this is generated data. */
    LONGEST_ARGS = 1 << 20,
    MOST_ARGS = 256,
    /* No declaration carries more markers; more would be prose. */
    MOST_WORDS = 12,
    LONGEST_DECL = 1 << 14,
};

static bool is_blank(char byte)
{
    return isspace((unsigned char)byte) || byte == '\\';
}

bool text_same_point(struct text_point one, struct text_point two)
{
    return one.offset == two.offset && clang_File_isEqual(one.file, two.file);
}

static bool is_same_cursor(const CXCursor *one, const CXCursor *two)
{
    return one->data[1] == two->data[1] && one->data[0] == two->data[0] &&
           one->data[2] == two->data[2] && one->kind == two->kind &&
           one->xdata == two->xdata;
}

CXSourceRange text_extent(struct lower *lower, CXCursor cursor)
{
    struct extent_seen *seen;

    for (unsigned i = 0; i < EXTENTS_SEEN; i++)
        if (is_same_cursor(&lower->extents_seen[i].cursor, &cursor))
            return lower->extents_seen[i].range;
    seen = &lower->extents_seen[lower->extents_next++ % EXTENTS_SEEN];
    *seen = (struct extent_seen){cursor, clang_getCursorExtent(cursor)};
    return seen->range;
}

/* What libclang calls `int_data` is clang's own number of a place, of which
 * the highest bit has always told files from expansions. Asking for the two
 * locations and comparing them says the same, and is half of the cost of
 * going through a function. */
bool text_is_expanded(CXSourceRange range)
{
    return range.begin_int_data >> 31;
}

struct origin text_origin(struct lower *lower, CXCursor cursor)
{
    return text_origin_of(text_extent(lower, cursor));
}

struct origin text_origin_of(CXSourceRange range)
{
    CXSourceLocation start = clang_getRangeStart(range);
    struct origin origin = {0};
    struct text_point file = {0};

    clang_getExpansionLocation(start, &origin.expansion.file, NULL, NULL,
                               &origin.expansion.offset);
    origin.in_macro = text_is_expanded(range);
    if (!origin.in_macro) {
        origin.spelling = origin.expansion;
        return origin;
    }
    clang_getSpellingLocation(start, &origin.spelling.file, NULL, NULL,
                              &origin.spelling.offset);
    assert(!text_same_point(origin.expansion, origin.spelling));
    clang_getFileLocation(start, &file.file, NULL, NULL, &file.offset);
    origin.in_argument = !text_same_point(file, origin.expansion);
    return origin;
}

static struct text_seen text_find(const struct lower *lower, CXFile file)
{
    const struct file_seen *shared = head_file_find(lower->head, file);
    struct text_seen text = {.file = file};

    if (shared)
        return (struct text_seen){file, shared->text, shared->length};
    text.text = clang_getFileContents(lower->tu, file, &text.length);
    return text;
}

static const struct text_seen *text_get(struct lower *lower, CXFile file)
{
    bool is_new;
    uint32_t index = *map_add(&lower->texts, &file, sizeof(file),
                              lower->texts_seen.count, &is_new);

    if (is_new)
        vec_add(lower->arena, &lower->texts_seen, text_find(lower, file));
    return &lower->texts_seen.items[index];
}

const char *text_of(struct lower *lower, CXFile file, size_t *length)
{
    struct text_seen *seen = &lower->text_seen;

    *length = 0;
    if (!file)
        return "";
    if (seen->file != file)
        *seen = *text_get(lower, file);
    *length = seen->text ? seen->length : 0;
    return seen->text ? seen->text : "";
}

const char *text_word_at(struct lower *lower, struct text_point at)
{
    size_t length;
    const char *text = text_of(lower, at.file, &length);
    size_t end = at.offset;

    while (end < length && str_is_word(text[end]))
        end++;
    if (end <= at.offset)
        return "";
    return arena_strndup(lower->arena, text + at.offset, end - at.offset);
}

static bool is_keyword(const char *word, size_t length)
{
    static const char *const keywords[] = {
        "auto",       "char",       "const",         "double",
        "enum",       "extern",     "float",         "inline",
        "int",        "long",       "register",      "restrict",
        "short",      "signed",     "static",        "struct",
        "typedef",    "union",      "unsigned",      "void",
        "volatile",   "return",     "else",          "do",
        "case",       "if",         "while",         "for",
        "switch",     "sizeof",     "bool",          "_Bool",
        "__inline",   "__const",    "__attribute__", "__extension__",
        "__restrict", "__inline__", "annotate",
    };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
        if (*keywords[i] == *word && strlen(keywords[i]) == length &&
            !strncmp(keywords[i], word, length))
            return true;
    return false;
}

const char *text_word_before(struct lower *lower, struct text_point at)
{
    size_t length;
    const char *text = text_of(lower, at.file, &length);
    size_t end = at.offset;
    size_t start;

    if (end > length)
        return "";
    while (end > 0 && (is_blank(text[end - 1]) || text[end - 1] == '('))
        end--;
    start = end;
    while (start > 0 && str_is_word(text[start - 1]))
        start--;
    if (start == end || isdigit((unsigned char)text[start]) ||
        is_keyword(text + start, end - start))
        return "";
    return arena_strndup(lower->arena, text + start, end - start);
}

/* Just behind the string, character or comment that starts at `at`; `at`
 * itself when none does. */
static size_t behind_opaque(const char *text, size_t at, size_t end)
{
    char quote = text[at];

    if (quote == '"' || quote == '\'') {
        for (at++; at < end && text[at] != quote; at++)
            if (text[at] == '\\')
                at++;
        return at < end ? at + 1 : end;
    }
    if (quote != '/' || at + 1 >= end)
        return at;
    if (text[at + 1] == '/') {
        while (at < end && text[at] != '\n')
            at++;
    } else if (text[at + 1] == '*') {
        for (at += 2; at + 1 < end; at++)
            if (text[at] == '*' && text[at + 1] == '/')
                return at + 2;
        return end;
    }
    return at;
}

static void range_add(struct lower *lower, const char *text,
                      text_ranges *ranges, size_t start, size_t end)
{
    struct text_range range;

    while (start < end && is_blank(text[start]))
        start++;
    while (end > start && is_blank(text[end - 1]))
        end--;
    range = (struct text_range){(unsigned)start, (unsigned)end};
    if (ranges->count < MOST_ARGS)
        vec_add(lower->arena, ranges, range);
}

bool text_macro_args(struct lower *lower, struct text_point at,
                     text_ranges *args, unsigned *end)
{
    size_t length;
    const char *text = text_of(lower, at.file, &length);
    size_t here = at.offset;
    size_t start;
    int depth = 0;

    while (here < length && str_is_word(text[here]))
        here++;
    while (here < length && is_blank(text[here]))
        here++;
    if (here >= length || text[here] != '(')
        return false;
    if (length - here > LONGEST_ARGS)
        length = here + LONGEST_ARGS;
    start = ++here;
    while (here < length && (depth || text[here] != ')')) {
        size_t behind = behind_opaque(text, here, length);

        if (behind > here) {
            here = behind;
            continue;
        }
        if (strchr("([{", text[here]))
            depth++;
        else if (strchr(")]}", text[here]))
            depth--;
        else if (text[here] == ',' && !depth) {
            range_add(lower, text, args, start, here);
            start = here + 1;
        }
        here++;
    }
    if (args->count || here > start)
        range_add(lower, text, args, start, here);
    *end = (unsigned)(here < length ? here + 1 : length);
    return true;
}

static void word_add(struct lower *lower, const char *text, text_ranges *words,
                     size_t start, size_t end)
{
    struct text_range range = {(unsigned)start, (unsigned)end};

    if (words->count < MOST_WORDS && !isdigit((unsigned char)text[start]) &&
        !is_keyword(text + start, end - start))
        vec_add(lower->arena, words, range);
}

static void words_between(struct lower *lower, const char *text, size_t from,
                          size_t to, text_ranges *words)
{
    while (from < to) {
        size_t behind = behind_opaque(text, from, to);
        size_t start = from;

        if (behind > from) {
            from = behind;
            continue;
        }
        while (from < to && str_is_word(text[from]))
            from++;
        if (from > start)
            word_add(lower, text, words, start, from);
        else
            from++;
    }
}

/* A line that a backward look must not enter: a directive, a comment. */
static bool line_is_foreign(const char *text, size_t at)
{
    size_t start = at;

    while (start > 0 && text[start - 1] != '\n')
        start--;
    for (size_t i = start; i < at; i++)
        if (text[i] == '#' || (text[i] == '/' && text[i + 1] == '/'))
            return true;
    return false;
}

/* Bare words in front of a declaration belong to it: markers that expand to
 * nothing are not in its extent. */
static size_t words_start(const char *text, size_t start)
{
    size_t at = start;

    while (at > 0) {
        size_t end = at;

        while (end > 0 && is_blank(text[end - 1]))
            end--;
        at = end;
        while (at > 0 && str_is_word(text[at - 1]))
            at--;
        if (at == end || line_is_foreign(text, end) ||
            start - at > LONGEST_DECL)
            return start;
        start = at;
    }
    return start;
}

/* From the closing parenthesis of the parameters to the declaration's end. */
static void words_behind(struct lower *lower, const char *text, size_t at,
                         size_t length, text_ranges *words)
{
    int depth = 0;
    size_t end = at;

    while (end < length && end - at < LONGEST_DECL) {
        size_t behind = behind_opaque(text, end, length);

        if (behind > end) {
            end = behind;
            continue;
        }
        if (!depth && strchr(";{=,", text[end]) && text[end])
            break;
        if (text[end] == '(')
            depth++;
        else if (text[end] == ')' && --depth < 0)
            break;
        end++;
    }
    words_between(lower, text, at, end, words);
}

static size_t behind_params(const char *text, size_t at, size_t length)
{
    int depth = 0;

    /* `)` of a declarator such as (*flush), then its parameters. */
    while (at < length && (is_blank(text[at]) || text[at] == ')'))
        at++;
    if (at >= length || text[at] != '(')
        return at;
    for (; at < length; at++) {
        size_t behind = behind_opaque(text, at, length);

        if (behind > at) {
            at = behind - 1;
            continue;
        }
        if (text[at] == '(')
            depth++;
        else if (text[at] == ')' && !--depth)
            return at + 1;
    }
    return length;
}

void text_decl_words(struct lower *lower, CXCursor decl, text_ranges *words,
                     CXFile *file)
{
    struct text_point name = {0};
    struct text_point start = {0};
    unsigned spelled;
    CXSourceLocation at = clang_getCursorLocation(decl);
    size_t length;
    const char *text;
    size_t end;

    clang_getExpansionLocation(at, &name.file, NULL, NULL, &name.offset);
    clang_getExpansionLocation(clang_getRangeStart(text_extent(lower, decl)),
                               &start.file, NULL, NULL, &start.offset);
    *file = name.file;
    text = text_of(lower, name.file, &length);
    if (name.offset >= length || !clang_File_isEqual(name.file, start.file) ||
        start.offset > name.offset || name.offset - start.offset > LONGEST_DECL)
        return;
    words_between(lower, text, words_start(text, start.offset), name.offset,
                  words);
    end = name.offset;
    while (end < length && str_is_word(text[end]))
        end++;
    /* The name came out of a macro: the macro is the marker. */
    clang_getSpellingLocation(at, NULL, NULL, NULL, &spelled);
    if (spelled != name.offset)
        word_add(lower, text, words, name.offset, end);
    words_behind(lower, text, behind_params(text, end, length), length, words);
}
