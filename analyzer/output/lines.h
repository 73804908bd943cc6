/*
 * The lines of source files, as they are on disk when findings are printed. A
 * file may be gone or changed by then; that is no error, there is only less
 * to show.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_OUTPUT_LINES_H
#define ASYNCLINT_OUTPUT_LINES_H

#include <stdbool.h>

#include "base/map.h"
#include "base/vec.h"

struct line {
    const char *bytes; /* without its end; may hold anything */
    size_t length;
};

struct lines {
    VEC(struct line) items;
};

/* Files read so far; zeroed means none. */
struct lines_cache {
    struct arena arena;
    struct map known;         /* file -> index in read */
    VEC(struct lines *) read; /* NULL: can't be read */
};

/* The file's lines, or NULL. Good until the cache is trimmed or finished. */
const struct lines *lines_get(struct lines_cache *cache, const char *file);

/* The line with that number, from 1, or NULL. */
const struct line *lines_find(const struct lines *lines, uint32_t number);

/* Forgets all files when they are many bytes. */
void lines_cache_trim(struct lines_cache *cache);
void lines_cache_finish(struct lines_cache *cache);

#endif
