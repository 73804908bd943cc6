/*
 * Text that grows in an arena, and the few questions about strings that C
 * leaves out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_STR_H
#define ASYNCLINT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* `text` is NULL or ends with a NUL that `length` doesn't count. */
struct strbuf {
    struct arena *arena;
    char *text;
    size_t length;
    size_t capacity;
};

/* Behind strbuf_add_bytes: room for `length` bytes more. */
void strbuf_grow(struct strbuf *buf, size_t length);

/* Keys and entries are made of millions of short pieces, so it is not a
 * call. */
static inline void strbuf_add_bytes(struct strbuf *buf, const char *bytes,
                                    size_t length)
{
    if (buf->length + length >= buf->capacity)
        strbuf_grow(buf, length);
    if (length)
        memcpy(buf->text + buf->length, bytes, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void strbuf_add(struct strbuf *buf, const char *text);
void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text so far, never NULL. */
const char *strbuf_text(const struct strbuf *buf);

bool str_starts_with(const char *text, const char *prefix);
/* Either may be NULL. */
bool str_is_same(const char *one, const char *two);
bool str_ends_with(const char *text, const char *suffix);
/* A letter, a digit or `_`. */
bool str_is_word(char byte);
/* The list ends in NULL. */
bool str_is_one_of(const char *text, const char *const *words);

/* A shell-like pattern in which only `*` is special. */
bool str_matches(const char *pattern, const char *text);

/* The entry of `words` (NULL-terminated) that a user who typed `typo` most
 * likely meant, or NULL when none is near (Damerau-Levenshtein distance, at
 * most a third of the word). */
const char *str_did_you_mean(const char *typo, const char *const *words);

#endif
