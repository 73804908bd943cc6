/*
 * The growing half of vec.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/vec.h"

#include "base/err.h"

enum { FIRST_CAPACITY = 8 };

_Alignas(max_align_t) const unsigned char vec_none[sizeof(max_align_t)];

void *vec_grow(struct arena *arena, void *items, uint32_t *capacity,
               size_t item_size)
{
    uint32_t grown;

    if (*capacity > UINT32_MAX / 2)
        die("out of room: a table of more than %u entries", *capacity);
    grown = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    items = arena_grow(arena, items, *capacity * item_size, grown * item_size);
    *capacity = grown;
    return items;
}
