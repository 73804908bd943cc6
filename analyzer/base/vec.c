/*
 * The growing half of vec.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/vec.h"

#include "base/err.h"

enum { FIRST_CAPACITY = 8 };

void *vec_reserve(struct arena *arena, void *items, uint32_t count,
                  uint32_t *capacity, size_t item_size)
{
    uint32_t grown;

    if (count < *capacity)
        return items;
    if (*capacity > UINT32_MAX / 2)
        die("out of room: a table of more than %u entries", *capacity);
    grown = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    items = arena_grow(arena, items, *capacity * item_size, grown * item_size);
    *capacity = grown;
    return items;
}

void *vec_items_copy(struct arena *arena, const void *items, size_t size)
{
    return size ? arena_copy(arena, items, size) : arena_room(arena, 0);
}
