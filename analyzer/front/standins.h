/*
 * Private to front/: the stand-ins of front/standins/, built into the program
 * (see cmake/generated.cmake): what a prelude takes for macros that are known
 * far and wide when their headers are missing.
 *
 * A stand-in is a text of paragraphs. One that defines a macro which the unit
 * uses, and which nothing in the unit defines, goes into the prelude as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_STANDINS_H
#define ASYNCLINT_FRONT_STANDINS_H

#include <stddef.h>

struct standin {
    const char *name; /* "analyzer/front/standins/linux.h" */
    const char *text; /* the file, and a NUL that `length` doesn't count */
    size_t length;
};

/* Sorted by name; an entry of NULLs follows the last. */
extern const struct standin standins[];
extern const int standin_count;

#endif
