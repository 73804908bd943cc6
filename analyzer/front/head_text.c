/*
 * What a file begins with, as far as it is includes. Whatever else stands
 * there, a definition or a condition, could change what they mean.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "front/head.h"

enum { MOST_INCLUDES = 64 };

static bool is_one_of(char byte, const char *bytes)
{
    return byte && strchr(bytes, byte);
}

/* Whether a line that ends there goes on in the next one. */
static bool is_continued(const char *text, const char *end)
{
    while (end > text && is_one_of(end[-1], " \t\r\f\v"))
        end--;
    return end > text && is_one_of(end[-1], "\\/");
}

/* Behind blanks and comments; at a comment that ends in no simple way, at its
 * start. */
static size_t behind_blank(const char *text, size_t at, size_t length)
{
    for (;;) {
        const char *end = NULL;

        while (at < length && is_one_of(text[at], " \t\r\n"))
            at++;
        if (length - at < 2 || text[at] != '/')
            return at;
        if (text[at + 1] == '*')
            end = memmem(text + at + 2, length - at - 2, "*/", 2);
        else if (text[at + 1] == '/')
            end = memchr(text + at + 2, '\n', length - at - 2);
        if (!end || (*end == '\n' && is_continued(text + at + 2, end)))
            return at;
        at = (size_t)(end - text) + (*end == '\n' ? 1 : 2);
    }
}

static size_t behind_spaces(const char *text, size_t at, size_t length)
{
    while (at < length && is_one_of(text[at], " \t"))
        at++;
    return at;
}

static bool word_follows(const char *text, size_t at, size_t length,
                         const char *word)
{
    size_t count = strlen(word);

    return length - at > count && !strncmp(text + at, word, count);
}

/* The include at a `#`, with nothing but a comment behind it on its line. */
static bool include_read(struct arena *arena, const char *text, size_t at,
                         size_t length, struct head_include *include)
{
    static const char directive[] = "include";
    size_t start = behind_spaces(text, at + 1, length);
    const char *end;
    size_t behind;

    if (!word_follows(text, start, length, directive))
        return false;
    start = behind_spaces(text, start + strlen(directive), length);
    if (start >= length || (text[start] != '<' && text[start] != '"'))
        return false;
    end = memchr(text + start + 1, text[start] == '<' ? '>' : '"',
                 length - start - 1);
    if (!end)
        return false;
    include->name =
        arena_strndup(arena, text + start, (size_t)(end - (text + start)) + 1);
    include->end = (unsigned)(end - text) + 1;
    behind = behind_spaces(text, include->end, length);
    return !strpbrk(include->name, "\\\n\r") && behind < length &&
           (is_one_of(text[behind], "\r\n") ||
            (word_follows(text, behind, length, "/") &&
             is_one_of(text[behind + 1], "/*")));
}

void head_read(struct arena *arena, const char *text, size_t length,
               head_includes *includes)
{
    size_t at = behind_blank(text, 0, length);
    struct head_include include;

    while (at < length && text[at] == '#' && includes->count < MOST_INCLUDES &&
           include_read(arena, text, at, length, &include)) {
        vec_add(arena, includes, include);
        at = behind_blank(text, include.end, length);
    }
}

unsigned head_end(const char *lines, const char *text, size_t length)
{
    struct arena scratch = {0};
    struct strbuf begin = {.arena = &scratch};
    head_includes includes = {0};
    unsigned end = 0;

    head_read(&scratch, text, length, &includes);
    for (uint32_t i = 0; i < includes.count && !end; i++) {
        strbuf_printf(&begin, HEAD_LINE, includes.items[i].name);
        if (!strcmp(strbuf_text(&begin), lines))
            end = includes.items[i].end;
    }
    arena_finish(&scratch);
    return end;
}
