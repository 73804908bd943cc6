/*
 * Makes the prelude of a unit, see prelude.h: what its files say about names
 * (usage.h), without those that the unit knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/prelude.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "front/prelude_write.h"

enum {
    MOST_TEXT = 16 << 20, /* of one unit's own files */
    MOST_COMPLAINTS = 20000,
};

struct texts {
    struct prelude *prelude;
    CXTranslationUnit tu;
    struct tokens tokens;
    size_t total;
};

static bool is_own(CXTranslationUnit tu, CXFile file)
{
    return !clang_Location_isInSystemHeader(
        clang_getLocationForOffset(tu, file, 0));
}

static bool is_prelude(CXFile file)
{
    CXString name = clang_getFileName(file);
    const char *text = clang_getCString(name);
    bool is_ours = text && !strcmp(text, PRELUDE_NAME);

    clang_disposeString(name);
    return is_ours;
}

static void text_read(CXFile file, CXSourceLocation *stack, unsigned depth,
                      CXClientData data)
{
    struct texts *texts = data;
    struct prelude *prelude = texts->prelude;
    size_t length;
    const char *text = clang_getFileContents(texts->tu, file, &length);

    (void)stack;
    (void)depth;
    if (!text || is_prelude(file) || texts->total + length > MOST_TEXT)
        return;
    texts->total += length;
    if (is_own(texts->tu, file))
        tokens_read(prelude->arena, text, length, &texts->tokens,
                    &prelude->defined);
    else
        tokens_defined(text, length, &prelude->defined);
}

static void known_add(struct prelude *prelude, CXCursor decl, uint32_t kind)
{
    CXString spelling = clang_getCursorSpelling(decl);
    const char *name = clang_getCString(spelling);

    if (name && *name)
        *map_add_str(&prelude->known, name, 0, NULL) |= kind;
    clang_disposeString(spelling);
}

/* Functions and variables of the unit's own files are in its tokens; what
 * libclang made of those, with types missing, may be anything. */
static bool is_declared_elsewhere(CXCursor decl)
{
    CXSourceLocation at = clang_getCursorLocation(decl);
    CXFile file;

    clang_getExpansionLocation(at, &file, NULL, NULL, NULL);
    return !file || clang_Location_isInSystemHeader(at);
}

static bool is_ours(CXCursor decl)
{
    CXFile file;

    clang_getExpansionLocation(clang_getCursorLocation(decl), &file, NULL, NULL,
                               NULL);
    return file && is_prelude(file);
}

/* `typedef x (*f)(void)`, x being unknown: libclang takes `x` for what is
 * declared, and the rest for its parameters. */
static bool is_type_of_typedef(CXCursor decl)
{
    static const char word[] = "typedef";
    CXTranslationUnit tu = clang_Cursor_getTranslationUnit(decl);
    CXFile file;
    unsigned offset;
    size_t length;
    const char *text;

    clang_getSpellingLocation(clang_getCursorLocation(decl), &file, NULL, NULL,
                              &offset);
    text = file ? clang_getFileContents(tu, file, &length) : NULL;
    if (!text || offset > length)
        return false;
    while (offset > 0 && isspace((unsigned char)text[offset - 1]))
        offset--;
    return offset >= strlen(word) &&
           !memcmp(text + offset - strlen(word), word, strlen(word));
}

static enum CXChildVisitResult known_visit(CXCursor decl, CXCursor parent,
                                           CXClientData data)
{
    struct prelude *prelude = data;
    enum CXCursorKind kind = clang_getCursorKind(decl);

    (void)parent;
    if (is_ours(decl))
        return CXChildVisit_Continue;
    if (kind == CXCursor_TypedefDecl) {
        if (!is_type_of_typedef(decl))
            known_add(prelude, decl, KNOWN_TYPE);
    } else if (kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl ||
               kind == CXCursor_EnumDecl) {
        if (clang_isCursorDefinition(decl))
            known_add(prelude, decl, KNOWN_TAG);
        return CXChildVisit_Recurse;
    } else if (kind == CXCursor_EnumConstantDecl) {
        known_add(prelude, decl, KNOWN_VALUE);
    } else if ((kind == CXCursor_FunctionDecl || kind == CXCursor_VarDecl) &&
               is_declared_elsewhere(decl)) {
        known_add(prelude, decl, KNOWN_VALUE);
    }
    return CXChildVisit_Continue;
}

/* -DNAME, and what the compiler defines. */
static void flags_add(struct prelude *prelude, const char *const *flags,
                      int count)
{
    static const char *const own[] = {
        "__FILE__",     "__LINE__",    "__func__",        "__FUNCTION__",
        "__DATE__",     "__TIME__",    "__COUNTER__",     "__PRETTY_FUNCTION__",
        "defined",      "__VA_ARGS__", "__VA_OPT__",      "__TIMESTAMP__",
        "linux",        "unix",        "__STDC__",        "__STDC_VERSION__",
        "__GNUC__",     "__INT_MAX__", "__SIZEOF_LONG__", "__linux__",
        "__CHAR_BIT__", "__x86_64__",  "__clang__",       "va_arg",
    };

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        map_add_str(&prelude->defined, own[i], 1, NULL);
    for (int i = 0; i < count; i++) {
        const char *name = flags[i] + 2;

        if (strncmp(flags[i], "-D", 2) != 0)
            continue;
        if (!*name && i + 1 < count)
            name = flags[i + 1];
        map_add(&prelude->defined, name, strcspn(name, "=("), 1, NULL);
    }
}

static void main_find(struct prelude *prelude, CXTranslationUnit tu)
{
    CXString name = clang_getTranslationUnitSpelling(tu);
    CXFile file = clang_getFile(tu, clang_getCString(name));

    clang_disposeString(name);
    if (file)
        prelude->usage.main_text =
            clang_getFileContents(tu, file, &prelude->usage.main_length);
}

/* Text after text; the first token of each is there to be looked back at. */
static void code_read(struct prelude *prelude, const struct tokens *tokens)
{
    const struct token *end = tokens->code.items + tokens->code.count;
    const struct token *from = tokens->code.items;

    while (from < end) {
        const struct token *to = from;

        while (to < end && to->kind != TOKEN_END)
            to++;
        if (to > from)
            usage_read(&prelude->usage, from + 1, (uint32_t)(to - from) - 1,
                       false);
        from = to + 1;
    }
}

static bool has_options(const char *const *flags, int count)
{
    for (int i = 0; i < count; i++)
        if (!strncmp(flags[i], "-D", 2))
            return true;
    return false;
}

bool prelude_is_hidden(struct arena *arena, CXTranslationUnit tu,
                       const char *const *flags, int flag_count)
{
    struct prelude prelude = {
        .arena = arena, .defined.arena = arena, .text.arena = arena};

    if (has_options(flags, flag_count))
        return false;
    main_find(&prelude, tu);
    prelude_file_options_write(&prelude);
    return prelude.reveals;
}

struct prelude *prelude_open(struct arena *arena, CXTranslationUnit tu,
                             const char *const *flags, int flag_count)
{
    struct prelude *prelude = arena_alloc(arena, sizeof(*prelude));
    struct texts texts = {
        .prelude = prelude, .tu = tu, .tokens.tested.arena = arena};

    *prelude = (struct prelude){
        .arena = arena,
        .known.arena = arena,
        .defined.arena = arena,
        .wanted.arena = arena,
        .lost.arena = arena,
        .wrong.arena = arena,
        .usage.arena = arena,
        .usage.by_text.arena = arena,
    };
    main_find(prelude, tu);
    flags_add(prelude, flags, flag_count);
    clang_getInclusions(tu, text_read, &texts);
    tokens_end(arena, &texts.tokens);
    prelude->tested = texts.tokens.tested;
    code_read(prelude, &texts.tokens);
    usage_renamed(&prelude->usage, texts.tokens.renamed.items);
    usage_read(&prelude->usage, texts.tokens.macros.items + 1,
               texts.tokens.macros.count - 1, true);
    usage_through_macros(&prelude->usage, texts.tokens.texts.items,
                         texts.tokens.texts.count);
    return prelude;
}

/* The word at a place in a text, or the one that ends before it. */
static void word_add(struct map *map, const char *text, size_t length,
                     size_t at, bool is_sure)
{
    size_t end;

    if (at >= length)
        return;
    while (at > 0 && !str_is_word(text[at]))
        at--;
    while (at > 0 && str_is_word(text[at - 1]))
        at--;
    for (end = at; end < length && str_is_word(text[end]);)
        end++;
    if (end > at)
        *map_add(map, text + at, end - at, 0, NULL) |= is_sure;
}

/* What contradicts the text is wrong if the last prelude said it; else the
 * text seems to contradict itself, as types in it are missing. */
static void contradicted_add(struct prelude *prelude, const struct map *names)
{
    for (uint32_t i = 0; i < prelude->lines.count; i++)
        if (map_find_str(names, prelude->lines.items[i].name))
            map_add_str(&prelude->wrong, prelude->lines.items[i].name, 1, NULL);
}

/* All that stands between quotes: 'struct x' too. */
static void quoted_add(struct map *map, const char *text)
{
    for (text = strchr(text, '\''); text; text = strchr(text, '\'')) {
        const char *end = strchr(++text, '\'');

        if (!end)
            break;
        word_add(map, text, (size_t)(end - text), (size_t)(end - text) - 1,
                 true);
        text = end + 1;
    }
}

static bool is_contradiction(const char *text)
{
    return strstr(text, "redefinition") || strstr(text, "redeclaration") ||
           strstr(text, "conflicting types") || strstr(text, "redeclared");
}

static const char undeclared[] = "use of undeclared identifier '";

static void complaint_read(struct prelude *prelude, CXTranslationUnit tu,
                           CXDiagnostic diagnostic)
{
    CXString spelling = clang_getDiagnosticSpelling(diagnostic);
    const char *complaint = clang_getCString(spelling);
    const char *text;
    struct map contradicted = {.arena = prelude->arena};
    struct map *map = &prelude->wanted;
    CXFile file;
    unsigned line;
    unsigned offset;
    size_t length = 0;

    clang_getFileLocation(clang_getDiagnosticLocation(diagnostic), &file, &line,
                          NULL, &offset);
    text = file ? clang_getFileContents(tu, file, &length) : NULL;
    if (file && is_prelude(file)) {
        prelude_line_wrong(prelude, line);
    } else if (complaint) {
        if (is_contradiction(complaint))
            map = &contradicted;
        quoted_add(map, complaint);
        if (prelude->lines.count && str_starts_with(complaint, undeclared))
            quoted_add(&prelude->lost, complaint);
        if (text && offset < length) {
            word_add(map, text, length, offset, false);
            if (offset && map == &prelude->wanted)
                word_add(map, text, length, offset - 1, false);
        }
        if (map == &contradicted)
            contradicted_add(prelude, &contradicted);
    }
    clang_disposeString(spelling);
}

const char *prelude_make(struct prelude *prelude, CXTranslationUnit tu)
{
    unsigned count = clang_getNumDiagnostics(tu);

    for (unsigned i = 0; i < count && i < MOST_COMPLAINTS; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(tu, i);

        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error)
            complaint_read(prelude, tu, diagnostic);
        clang_disposeDiagnostic(diagnostic);
    }
    clang_visitChildren(clang_getTranslationUnitCursor(tu), known_visit,
                        prelude);
    prelude_write(prelude);
    return strbuf_text(&prelude->text);
}

bool prelude_reveals(const struct prelude *prelude)
{
    return prelude->reveals;
}
