/*
 * A hash map from byte strings to numbers, in an arena. Entries keep the
 * order in which they were added, and that is the only order in which anyone
 * may walk them: nothing that is printed depends on a hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_MAP_H
#define ASYNCLINT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct map_entry {
    const void *key; /* in the map's arena */
    uint32_t length;
    uint32_t value;
    uint64_t hash;
};

/* A zeroed map with its arena set is empty and ready for use. */
struct map {
    struct arena *arena;
    VEC(struct map_entry) entries;
    uint32_t *slots; /* entry number + 1, or 0: free */
    uint32_t slot_count;
};

/* The value stored under the key, or NULL. Good until the next add. */
uint32_t *map_find(const struct map *map, const void *key, size_t length);

/* The value under the key, made with `value` when there was none; `*is_new`
 * (may be NULL) says which. The key's bytes are copied. */
uint32_t *map_add(struct map *map, const void *key, size_t length,
                  uint32_t value, bool *is_new);

/* The same with C strings as keys. */
uint32_t *map_find_str(const struct map *map, const char *key);
uint32_t *map_add_str(struct map *map, const char *key, uint32_t value,
                      bool *is_new);

#endif
