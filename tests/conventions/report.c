/*
 * Collects what the checks find, in the order in which they find it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conventions/report.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_exception(const struct report *report, const char *path)
{
    const struct exception *entry = report->exceptions;

    for (; entry && entry->check; entry++)
        if (!strcmp(entry->check, report->check) && !strcmp(entry->path, path))
            return true;
    return false;
}

static void line_add(char ***lines, size_t *count, const char *path, int line,
                     const char *format, va_list args)
{
    char *message = NULL;
    char *text = NULL;

    if (vasprintf(&message, format, args) < 0 ||
        asprintf(&text, "%s:%d: %s", path, line, message) < 0)
        abort();
    free(message);
    *lines = realloc(*lines, (*count + 1) * sizeof(**lines));
    (*lines)[(*count)++] = text;
}

void report_complain(struct report *report, const char *path, int line,
                     const char *format, ...)
{
    va_list args;

    if (is_exception(report, path))
        return;
    va_start(args, format);
    line_add(&report->complaints, &report->complaint_count, path, line, format,
             args);
    va_end(args);
}

void report_overrun(struct report *report, const char *path, int line,
                    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    line_add(&report->overruns, &report->overrun_count, path, line, format,
             args);
    va_end(args);
}

void report_print(const struct report *report)
{
    for (size_t i = 0; i < report->overrun_count; i++)
        printf("above the aim: %s\n", report->overruns[i]);
    for (size_t i = 0; i < report->complaint_count; i++)
        printf("%s\n", report->complaints[i]);
    fflush(stdout);
}

static void lines_free(char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    free(lines);
}

void report_finish(struct report *report)
{
    lines_free(report->complaints, report->complaint_count);
    lines_free(report->overruns, report->overrun_count);
    *report = (struct report){0};
}
