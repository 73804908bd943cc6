/*
 * How long files, functions and lines are. Functions are found by their
 * layout, which clang-format guarantees: `{` and `}` in the first column.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "conventions/checks.h"

/* Above the aim is told, above the stop fails. The first row that matches
 * counts. The numbers come from C projects that read well: medians around 200
 * lines a file, nine functions in ten below 40 lines. */
static const struct {
    const char *path;
    int aim;
    int stop;
} file_sizes[] = {
    {"rules/*.c", 120, 200},
    {"*/rt.h", 100, 300},
    {"*.h", 100, 200},
    {"*.c", 250, 500},
};

enum {
    FUNCTION_AIM = 25,
    FUNCTION_STOP = 60,
    FLAT_SWITCH_STOP = 100, /* one row per enumerator reads like a table */
    WIDTH_STOP = 80,
};

static void file_size_check(struct report *report, const struct source *source)
{
    for (size_t i = 0; i < sizeof(file_sizes) / sizeof(*file_sizes); i++) {
        int lines = source->line_count;

        if (fnmatch(file_sizes[i].path, source->path, 0) != 0)
            continue;
        if (lines > file_sizes[i].stop)
            report_complain(report, source->path, lines,
                            "%d lines, and %d is the most", lines,
                            file_sizes[i].stop);
        else if (lines > file_sizes[i].aim)
            report_overrun(report, source->path, lines,
                           "%d lines, the aim is %d", lines, file_sizes[i].aim);
        return;
    }
}

/* The index of the line on which the head of a function starts whose body
 * starts on line `body`: continuation lines are indented. */
static int head_find(const struct source *source, int body)
{
    int head = body - 1;

    while (head > 0) {
        size_t length;
        const char *line = source_line(source, source->code, head, &length);

        if (length > 0 && line[0] != ' ')
            break;
        head--;
    }
    return head;
}

/* Whether the comment that ends directly above line `head` says that the
 * function is a flat switch. */
static bool is_flat_switch(const struct source *source, int head)
{
    bool found = false;

    for (int i = head - 1; i >= 0 && !found; i--) {
        size_t length;
        const char *line = source_line(source, source->text, i, &length);
        char *copy;

        if (length < 2 || (strncmp(line, "/*", 2) && strncmp(line, " *", 2) &&
                           strncmp(line, "  ", 2)))
            break;
        copy = strndup(line, length);
        found = strstr(copy, "flat switch") != NULL;
        free(copy);
        if (!strncmp(line, "/*", 2))
            break;
    }
    return found;
}

/* The name: what stands before the first parenthesis of the head. */
static void name_find(const struct source *source, int head, char *name,
                      size_t size)
{
    size_t length;
    const char *line = source_line(source, source->code, head, &length);
    size_t end = strcspn(line, "(\n");
    size_t start = end;

    while (start > 0 && line[start - 1] != ' ' && line[start - 1] != '*')
        start--;
    length = end - start < size ? end - start : size - 1;
    memcpy(name, line + start, length);
    name[length] = '\0';
}

/* `body` and `last` are the lines of the two braces. */
static void function_check(struct report *report, const struct source *source,
                           int body, int last)
{
    int lines = last - body + 1;
    int head = head_find(source, body);
    int stop = is_flat_switch(source, head) ? FLAT_SWITCH_STOP : FUNCTION_STOP;
    char name[64];

    name_find(source, head, name, sizeof(name));
    if (lines > stop)
        report_complain(report, source->path, head + 1,
                        "'%s' has %d lines, and %d is the most", name, lines,
                        stop);
    else if (lines > FUNCTION_AIM)
        report_overrun(report, source->path, head + 1,
                       "'%s' has %d lines, the aim is %d", name, lines,
                       FUNCTION_AIM);
}

void check_sizes(struct report *report, const struct source *source)
{
    int body = -1;

    if (!source_is_code(source))
        return;
    file_size_check(report, source);
    for (int i = 0; i < source->line_count; i++) {
        size_t length;
        const char *line = source_line(source, source->code, i, &length);

        if (length > 0 && line[0] == '{') {
            body = i;
        } else if (length > 0 && line[0] == '}' && body >= 0) {
            function_check(report, source, body, i);
            body = -1;
        }
    }
}

/* Columns, counting every UTF-8 sequence as one: nobody writes wide
 * characters in this tree. */
static int columns_of(const char *line, size_t length)
{
    int columns = 0;

    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)line[i] & 0xc0) != 0x80;
    return columns;
}

void check_width(struct report *report, const struct source *source)
{
    if (!source_is_code(source))
        return;
    for (int i = 0; i < source->line_count; i++) {
        size_t length;
        const char *line = source_line(source, source->text, i, &length);
        int columns = columns_of(line, length);
        bool has_url = memmem(line, length, "://", 3) != NULL;

        if (columns > WIDTH_STOP && !has_url)
            report_complain(report, source->path, i + 1,
                            "%d columns, and %d is the most", columns,
                            WIDTH_STOP);
    }
}
