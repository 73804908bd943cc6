/*
 * Cutting is done on bytes, before they are escaped, so that no line however
 * long costs more than what is shown of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/slice.h"

#include "output/escape.h"

enum { BEFORE_MARK = 40 }; /* bytes kept before a mark in a cut line */

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

void slice_take(struct slice *slice, const struct line *line, uint32_t column)
{
    size_t mark = column ? column - 1 : 0;
    size_t end = line->length;

    *slice = (struct slice){0};
    if (end > SLICE_BYTES_MAX && mark > SLICE_BYTES_MAX - BEFORE_MARK)
        slice->first = mark < end ? mark - BEFORE_MARK : end - BEFORE_MARK;
    while (slice->first && is_continuation(line->bytes[slice->first]))
        slice->first--;
    if (end - slice->first > SLICE_BYTES_MAX) {
        end = slice->first + SLICE_BYTES_MAX;
        while (end > slice->first && is_continuation(line->bytes[end]))
            end--;
        slice->is_cut_after = true;
    }
    slice->is_cut_before = slice->first > 0;
    slice->bytes = line->bytes + slice->first;
    slice->length = end - slice->first;
}

void slice_print(struct slice *slice, struct strbuf *text, bool is_github)
{
    struct escape escape = {.text = text, .is_github = is_github};

    if (slice->is_cut_before)
        escape_line(&escape, "...", 3, NULL);
    escape_line(&escape, slice->bytes, slice->length, slice->cells);
    if (slice->is_cut_after)
        strbuf_add(text, "...");
}

uint32_t slice_cell(const struct slice *slice, uint32_t column)
{
    size_t at = column ? column - 1 : 0;

    if (at < slice->first)
        return slice->cells[0];
    at -= slice->first;
    return slice->cells[at < slice->length ? at : slice->length];
}

uint32_t slice_end_column(const struct slice *slice, const struct span *span)
{
    size_t end = slice->length;

    if (span->end_line <= span->line)
        return span->end_column;
    while (end &&
           (slice->bytes[end - 1] == ' ' || slice->bytes[end - 1] == '\t'))
        end--;
    return (uint32_t)(slice->first + end) + 1;
}
