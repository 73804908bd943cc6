/*
 * Sets that are kept once, see sets.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/sets.h"

#include <stdlib.h>
#include <string.h>

static int number_order(const void *one, const void *two)
{
    uint64_t first = *(const uint64_t *)one;
    uint64_t second = *(const uint64_t *)two;

    return first < second ? -1 : first > second;
}

/* The set with these items, which are sorted and all different. */
static set_id set_keep(struct sets *sets, const uint64_t *items, uint32_t count)
{
    struct set set = {.count = count};
    bool is_new;
    uint32_t *at;

    if (!count)
        return 0;
    at = map_add(&sets->by_items, items, count * sizeof(*items),
                 sets->list.count, &is_new);
    if (is_new) {
        set.items =
            sets->by_items.entries.items[sets->by_items.entries.count - 1].key;
        vec_add(sets->arena, &sets->list, set);
    }
    return *at;
}

void sets_init(struct sets *sets, struct arena *arena)
{
    struct set empty = {0};

    sets->arena = arena;
    sets->by_items.arena = arena;
    sets->unions.arena = arena;
    vec_add(arena, &sets->list, empty);
}

set_id set_make(struct sets *sets, uint64_t *items, uint32_t count)
{
    uint32_t kept = 0;

    if (count)
        qsort(items, count, sizeof(*items), number_order);
    for (uint32_t i = 0; i < count; i++)
        if (!kept || items[kept - 1] != items[i])
            items[kept++] = items[i];
    return set_keep(sets, items, kept);
}

static set_id union_make(struct sets *sets, const struct set *one,
                         const struct set *two, uint32_t most)
{
    struct arena scratch = {0};
    uint64_t *items =
        arena_array(&scratch, (size_t)one->count + two->count, sizeof(*items));
    uint32_t first = 0;
    uint32_t second = 0;
    uint32_t count = 0;
    set_id made;

    while (first < one->count || second < two->count) {
        bool takes_first =
            second == two->count ||
            (first < one->count && one->items[first] <= two->items[second]);
        uint64_t item =
            takes_first ? one->items[first++] : two->items[second++];

        if (!count || items[count - 1] != item)
            items[count++] = item;
    }
    sets->is_bounded = sets->is_bounded || count > most;
    made = set_keep(sets, items, count < most ? count : most);
    arena_finish(&scratch);
    return made;
}

set_id set_union(struct sets *sets, set_id one, set_id two, uint32_t most)
{
    const set_id pair[] = {one < two ? one : two, one < two ? two : one};
    uint32_t *at;
    set_id made;

    if (one == two || !two)
        return one;
    if (!one)
        return two;
    at = map_find(&sets->unions, pair, sizeof(pair));
    if (at)
        return *at;
    made = union_make(sets, set_get(sets, one), set_get(sets, two), most);
    map_add(&sets->unions, pair, sizeof(pair), made, NULL);
    return made;
}

set_id set_meet(struct sets *sets, set_id one, set_id two)
{
    struct arena scratch = {0};
    const struct set *first = set_get(sets, one);
    uint64_t *items = arena_array(&scratch, first->count, sizeof(*items));
    uint32_t count = 0;
    set_id made;

    for (uint32_t i = 0; i < first->count; i++)
        if (set_has(sets, two, first->items[i]))
            items[count++] = first->items[i];
    made = set_keep(sets, items, count);
    arena_finish(&scratch);
    return made;
}

bool set_has(const struct sets *sets, set_id id, uint64_t item)
{
    const struct set *set = set_get(sets, id);

    return set->count &&
           bsearch(&item, set->items, set->count, sizeof(item), number_order);
}
