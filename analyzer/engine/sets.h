/*
 * Sets of numbers, each kept once: equal sets have the same id, so that a
 * hundred thousand functions which may take the same ten locks share one set,
 * and joining two of them again costs one look-up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SETS_H
#define ASYNCLINT_ENGINE_SETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"

typedef uint32_t set_id; /* 0: the empty set */

struct set {
    const uint64_t *items; /* sorted */
    uint32_t count;
};

/* A zeroed struct is made ready by sets_init. */
struct sets {
    struct arena *arena;
    VEC(struct set) list;
    struct map by_items;
    struct map unions;
    bool is_bounded; /* some union lost its largest numbers */
};

void sets_init(struct sets *sets, struct arena *arena);

static inline const struct set *set_get(const struct sets *sets, set_id id)
{
    return &sets->list.items[id];
}

/* The set of these numbers, which are in any order and may occur twice. */
set_id set_make(struct sets *sets, uint64_t *items, uint32_t count);

/* At most `most` numbers of a union are kept, the smallest. */
set_id set_union(struct sets *sets, set_id one, set_id two, uint32_t most);
set_id set_meet(struct sets *sets, set_id one, set_id two);
bool set_has(const struct sets *sets, set_id id, uint64_t item);

#endif
