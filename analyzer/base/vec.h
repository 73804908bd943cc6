/*
 * Growing arrays in an arena. `VEC(struct edge) edges` is a struct with
 * `items`, `count` and `capacity`; zeroed means empty. An item's address is
 * good until the next `vec_add`, its index for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_VEC_H
#define ASYNCLINT_BASE_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

#define VEC(type)                                                              \
    struct {                                                                   \
        type *items;                                                           \
        uint32_t count;                                                        \
        uint32_t capacity;                                                     \
    }

/* Room for one more; then the item is stored and counted. */
#define vec_add(arena, vec, item)                                              \
    ((vec)->count < (vec)->capacity                                            \
         ? (void)0                                                             \
         : (void)((vec)->items =                                               \
                      vec_grow(arena, (vec)->items, &(vec)->capacity,          \
                               sizeof(*(vec)->items))),                        \
     (vec)->items[(vec)->count++] = (item))

/* Before the item at `at`, which may be the end. */
#define vec_insert(arena, vec, at, item)                                       \
    (vec_add(arena, vec, item),                                                \
     memmove((vec)->items + (at) + 1, (vec)->items + (at),                     \
             ((vec)->count - (at)-1) * sizeof(*(vec)->items)),                 \
     (vec)->items[at] = (item))

#define vec_remove(vec, at)                                                    \
    (memmove((vec)->items + (at), (vec)->items + (at) + 1,                     \
             ((vec)->count - (at)-1) * sizeof(*(vec)->items)),                 \
     (vec)->count--)

/* A vector that shares its items with another one gets its own. */
#define vec_copy(arena, vec)                                                   \
    ((vec)->items = vec_items_copy(arena, (vec)->items,                        \
                                   (vec)->count * sizeof(*(vec)->items)),      \
     (vec)->capacity = (vec)->count)

/* The last item; the vector must not be empty. */
#define vec_last(vec) (&(vec)->items[(vec)->count - 1])

/* Behind `vec_add`: doubles the capacity. */
void *vec_grow(struct arena *arena, void *items, uint32_t *capacity,
               size_t item_size);

/* Behind `vec_copy`. Never NULL: there are those who calculate with the place
 * of no item. Nobody writes there, since there is room for none. */
extern const unsigned char vec_none[];

static inline void *vec_items_copy(struct arena *arena, const void *items,
                                   size_t size)
{
    return size ? arena_copy(arena, items, size) : (void *)vec_none;
}

#endif
