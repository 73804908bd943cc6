/*
 * Text from the tree that was checked, made harmless: control characters,
 * ESC, invalid UTF-8 and characters that reorder or hide text are spelled out
 * (<U+001B>, <0xFF>), tabs become blanks. It also knows in which cell of a
 * terminal each byte ends up, which is what an underline needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_ESCAPE_H
#define ASYNCLINT_OUTPUT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

struct escape {
    struct strbuf *text;
    bool is_github;  /* `##[` becomes `##[\`, see output.h */
    uint32_t cell;   /* where the next character goes */
    uint32_t hashes; /* `#` right before it */
};

/* Appends one line's bytes. `cells`, if not NULL, has room for `length` + 1
 * numbers: the cell in which each byte begins, and the one behind the last. */
void escape_line(struct escape *escape, const char *bytes, size_t length,
                 uint32_t *cells);

/* Appends a text to a line that holds nothing else to be measured. */
void escape_text(struct strbuf *text, bool is_github, const char *raw);

/* The text made harmless, on a stream: for notes and errors of any room. */
void escape_print(FILE *file, const char *raw);

/* The same for a text of several lines, which is taken apart. */
void escape_print_lines(FILE *file, char *text);

#endif
