/*
 * Links, see links.h: two counting sorts, and a merge of the few lists in
 * which those of one function are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/links.h"

static const uint32_t NO_LINK = UINT32_MAX;

void links_add(struct links *links, struct arena *arena, const struct fn *fn,
               const struct fn_group *group)
{
    struct link_end end = {group ? NULL : fn, group};

    vec_add(arena, &links->ends, end);
}

static uint32_t slot_of(const struct links *links, uint32_t number)
{
    const struct link_end *end = &links->ends.items[number];

    return end->group ? links->fn_count + end->group->number : end->fn->number;
}

void links_sort(struct links *links, const struct program *program,
                struct arena *arena)
{
    uint32_t slots = program->fns.count + program->groups.count;
    uint32_t *next = arena_array(arena, slots + 1, sizeof(*next));

    links->fn_count = program->fns.count;
    links->first = arena_array(arena, slots + 2, sizeof(*links->first));
    links->sorted =
        arena_array(arena, links->ends.count, sizeof(*links->sorted));
    for (uint32_t i = 0; i < links->ends.count; i++)
        links->first[slot_of(links, i) + 1]++;
    for (uint32_t i = 0; i < slots; i++) {
        links->first[i + 1] += links->first[i];
        next[i] = links->first[i];
    }
    for (uint32_t i = 0; i < links->ends.count; i++)
        links->sorted[next[slot_of(links, i)]++] = i;
}

/* The first of the slot's that is not smaller. */
static uint32_t slot_find(const struct links *links, uint32_t slot,
                          uint32_t from)
{
    uint32_t low = links->first[slot];
    uint32_t high = links->first[slot + 1];

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (links->sorted[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void slot_offer(struct links_walk *walk, uint32_t slot, uint32_t from)
{
    const struct links *links = walk->links;
    uint32_t at = slot_find(links, slot, from);
    uint32_t number = at < links->first[slot + 1] ? links->sorted[at] : NO_LINK;

    if (number >= walk->number) {
        if (number < walk->others)
            walk->others = number;
        return;
    }
    walk->others = walk->number;
    walk->number = number;
    walk->slot_next = at + 1;
    walk->slot_end = links->first[slot + 1];
}

/* Looks into all slots for the next from there on. */
static bool walk_settle(struct links_walk *walk, uint32_t from)
{
    const struct fn *fn = walk->fn;

    walk->number = walk->others = NO_LINK;
    slot_offer(walk, fn->number, from);
    for (uint32_t i = 0; i < fn->groups.count; i++) {
        const struct fn_group *group = fn->groups.items[i];

        if (!walk->skips || !walk->skips[group->number])
            slot_offer(walk, walk->links->fn_count + group->number, from);
    }
    return walk->number != NO_LINK;
}

struct links_walk links_walk(const struct links *links, const struct fn *fn,
                             const bool *skips)
{
    return (struct links_walk){
        .links = links, .fn = fn, .skips = skips, .number = NO_LINK};
}

bool links_next(struct links_walk *walk)
{
    const uint32_t *sorted = walk->links->sorted;

    if (walk->slot_next < walk->slot_end &&
        sorted[walk->slot_next] < walk->others) {
        walk->number = sorted[walk->slot_next++];
        return true;
    }
    return walk_settle(walk, walk->number + 1);
}
