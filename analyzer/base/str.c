/*
 * Growing text and small string questions, see str.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/str.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_TEXT = 64,
    LONGEST_WORD = 64, /* nobody mistypes a longer word by a letter or two */
};

void strbuf_grow(struct strbuf *buf, size_t length)
{
    size_t need = buf->length + length + 1;
    size_t grown = buf->capacity ? buf->capacity * 2 : FIRST_TEXT;

    if (grown < need)
        grown = need;
    buf->text = arena_grow(buf->arena, buf->text, buf->capacity, grown);
    buf->capacity = grown;
}

void strbuf_add(struct strbuf *buf, const char *text)
{
    strbuf_add_bytes(buf, text, strlen(text));
}

void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    char small[256];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (length < (int)sizeof(small)) {
        strbuf_add(buf, small);
        return;
    }
    va_start(args, format);
    strbuf_add(buf, arena_vprintf(buf->arena, format, args));
    va_end(args);
}

const char *strbuf_text(const struct strbuf *buf)
{
    return buf->text ? buf->text : "";
}

bool str_starts_with(const char *text, const char *prefix)
{
    /* Most texts differ in their first byte. */
    while (*prefix)
        if (*text++ != *prefix++)
            return false;
    return true;
}

bool str_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t tail = strlen(suffix);

    return length >= tail && !strcmp(text + length - tail, suffix);
}

bool str_is_same(const char *one, const char *two)
{
    return one == two || (one && two && !strcmp(one, two));
}

bool str_is_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

bool str_is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (!strcmp(text, *words))
            return true;
    return false;
}

/* Greedy with one point of return: enough when `*` is the only wildcard. */
bool str_matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *resume = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

static size_t smallest(size_t one, size_t two, size_t three)
{
    size_t least = one < two ? one : two;

    return least < three ? least : three;
}

/* Optimal string alignment: insertions, deletions, substitutions and swaps
 * of neighbours, one row at a time (Wagner and Fischer 1974). */
static size_t distance(const char *from, const char *to)
{
    size_t rows[3][LONGEST_WORD + 1] = {{0}};
    size_t from_length = strlen(from);
    size_t to_length = strlen(to);

    if (from_length > LONGEST_WORD || to_length > LONGEST_WORD)
        return SIZE_MAX;
    for (size_t col = 0; col <= to_length; col++)
        rows[0][col] = col;
    for (size_t i = 1; i <= from_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t col = 1; col <= to_length; col++) {
            size_t cost = from[i - 1] != to[col - 1];

            row[col] = smallest(above[col] + 1, row[col - 1] + 1,
                                above[col - 1] + cost);
            if (i > 1 && col > 1 && from[i - 1] == to[col - 2] &&
                from[i - 2] == to[col - 1])
                row[col] = smallest(row[col], two_above[col - 2] + 1, row[col]);
        }
    }
    return rows[from_length % 3][to_length];
}

const char *str_did_you_mean(const char *typo, const char *const *words)
{
    const char *best = NULL;
    size_t best_distance = strlen(typo) / 3 + 1;

    for (; *words; words++) {
        size_t steps = distance(typo, *words);

        if (steps >= strlen(typo))
            continue; /* no letter of it is left */
        if (steps < best_distance || (steps == best_distance && !best)) {
            best = *words;
            best_distance = steps;
        }
    }
    return best;
}
