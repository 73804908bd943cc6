/*
 * What is shown of one source line, and in which cell of the terminal each of
 * its bytes begins.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_SLICE_H
#define ASYNCLINT_OUTPUT_SLICE_H

#include "base/str.h"
#include "findings/diag.h"
#include "output/lines.h"

enum { SLICE_BYTES_MAX = 200 }; /* what two rows of a terminal show */

struct slice {
    const char *bytes;
    size_t first; /* of the line's bytes */
    size_t length;
    bool is_cut_before;
    bool is_cut_after;
    uint32_t cells[SLICE_BYTES_MAX + 1];
};

/* A line that is too long is cut around the column (in bytes, from 1). */
void slice_take(struct slice *slice, const struct line *line, uint32_t column);

/* Appends what is shown; only then the cells are known. */
void slice_print(struct slice *slice, struct strbuf *text, bool is_github);

/* The cell of a column, clipped to what is shown. */
uint32_t slice_cell(const struct slice *slice, uint32_t column);

/* Where a mark ends that begins on this line: if it goes on in the next one,
 * at the end of the visible text. */
uint32_t slice_end_column(const struct slice *slice, const struct span *span);

#endif
