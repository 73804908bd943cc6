/*
 * The three ways to fail, see err.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_UNUSABLE = 2 };

bool err_set(struct err *err, const char *format, ...)
{
    va_list args;

    if (err->is_set)
        return false;
    err->is_set = true;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return false;
}

bool err_within(struct err *err, const char *format, ...)
{
    char inner[sizeof(err->text)];
    va_list args;
    size_t length;

    memcpy(inner, err->text, sizeof(inner));
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    length = strlen(err->text);
    snprintf(err->text + length, sizeof(err->text) - length, ": %s", inner);
    err->is_set = true;
    return false;
}

_Noreturn void die(const char *format, ...)
{
    va_list args;

    fputs("asynclint: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_UNUSABLE);
}

_Noreturn void bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "asynclint: a bug at %s:%d: ", file, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
