/*
 * Numbers and texts as bytes, for files that this program writes for itself.
 * Reading trusts nothing: whatever does not fit makes the reader bad, and all
 * that is read from then on is nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_BYTES_H
#define ASYNCLINT_BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/str.h"

void bytes_add_number(struct strbuf *out, uint32_t number);

/* NULL is not the same as "". */
void bytes_add_text(struct strbuf *out, const char *text);

void bytes_add_digest(struct strbuf *out, struct digest digest);

struct bytes_reader {
    const char *at;
    size_t left;
    struct arena *arena; /* for texts */
    bool is_bad;
};

/* `size` bytes where they are, or NULL. */
const char *bytes_take(struct bytes_reader *reader, size_t size);

uint32_t bytes_number(struct bytes_reader *reader);

/* How many things follow; each takes four bytes at least. */
uint32_t bytes_count(struct bytes_reader *reader);

/* May be NULL, as it was written. */
const char *bytes_text(struct bytes_reader *reader);

/* The same, and bad when it is NULL: then "". */
const char *bytes_words(struct bytes_reader *reader);

#endif
