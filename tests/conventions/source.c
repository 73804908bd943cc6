/*
 * Cuts a text into lines and blanks its comments. The lexer knows as much of
 * C as that needs: comments, strings and character constants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conventions/source.h"

#include <stdlib.h>
#include <string.h>

static void lines_find(struct source *source)
{
    const char *text = source->text;
    size_t count = 0;

    for (size_t i = 0; i < source->length; i++)
        if (text[i] == '\n' || i + 1 == source->length)
            count++;
    source->line_starts = calloc(count + 1, sizeof(size_t));
    source->line_count = (int)count;
    count = 1;
    for (size_t i = 0; i < source->length; i++)
        if (text[i] == '\n' || i + 1 == source->length)
            source->line_starts[count++] = i + 1;
}

/* The offset behind the string or character constant that starts at `at`. */
static size_t quoted_end(const char *code, size_t at)
{
    char quote = code[at++];

    while (code[at] && code[at] != quote && code[at] != '\n')
        at += code[at] == '\\' && code[at + 1] ? 2 : 1;
    return code[at] == quote ? at + 1 : at;
}

static size_t comment_end(const char *code, size_t at)
{
    const char *end;

    if (code[at + 1] == '/')
        return at + strcspn(code + at, "\n");
    end = strstr(code + at + 2, "*/");
    return end ? (size_t)(end - code) + 2 : at + strlen(code + at);
}

static void comments_blank(char *code)
{
    size_t at = 0;

    while (code[at]) {
        bool starts =
            code[at] == '/' && (code[at + 1] == '*' || code[at + 1] == '/');

        if (starts) {
            for (size_t end = comment_end(code, at); at < end; at++)
                if (code[at] != '\n')
                    code[at] = ' ';
        } else if (code[at] == '"' || code[at] == '\'') {
            at = quoted_end(code, at);
        } else {
            at++;
        }
    }
}

void source_init(struct source *source, const char *path, const char *text,
                 size_t length)
{
    source->path = strdup(path);
    source->text = malloc(length + 1);
    source->code = malloc(length + 1);
    source->length = length;
    memcpy(source->text, text, length);
    source->text[length] = '\0';
    memcpy(source->code, source->text, length + 1);
    comments_blank(source->code);
    lines_find(source);
}

void source_finish(struct source *source)
{
    free(source->path);
    free(source->text);
    free(source->code);
    free(source->line_starts);
    *source = (struct source){0};
}

const char *source_line(const struct source *source, const char *text,
                        int index, size_t *length)
{
    size_t start = source->line_starts[index];
    size_t end = source->line_starts[index + 1];

    if (end > start && text[end - 1] == '\n')
        end--;
    *length = end - start;
    return text + start;
}

int source_line_at(const struct source *source, size_t offset)
{
    int line = 1;

    while (line < source->line_count && source->line_starts[line] <= offset)
        line++;
    return line;
}

bool source_is_code(const struct source *source)
{
    const char *dot = strrchr(source->path, '.');

    return dot && (!strcmp(dot, ".c") || !strcmp(dot, ".h")) &&
           strncmp(source->path, "fixtures/", 9) != 0;
}
