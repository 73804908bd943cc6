/*
 * The list of what variables carry, see struct carried in state.h. Of what
 * belongs to a thread, one path is enough; of what a lock guards, all paths
 * have to agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/state.h"

enum {
    MOST_CARRIED = 32
}; /* by one state; a function that juggles with more
                               is generated */

static int carried_order(const struct carried *one, const struct carried *two)
{
    if (one->place != two->place)
        return one->place < two->place ? -1 : 1;
    if (one->source != two->source)
        return one->source < two->source ? -1 : 1;
    return (one->acquired > two->acquired) - (one->acquired < two->acquired);
}

bool carry_equal(const struct state *one, const struct state *two)
{
    if (one->carried.count != two->carried.count)
        return false;
    for (uint32_t i = 0; i < one->carried.count; i++) {
        const struct carried *first = &one->carried.items[i];
        const struct carried *second = &two->carried.items[i];

        if (carried_order(first, second) != 0 || first->left != second->left ||
            first->is_stale != second->is_stale)
            return false;
    }
    return true;
}

static struct carried *carried_find(const struct state *state,
                                    const struct carried *wanted)
{
    for (uint32_t i = 0; i < state->carried.count; i++)
        if (!carried_order(&state->carried.items[i], wanted))
            return &state->carried.items[i];
    return NULL;
}

void carry_add(struct arena *arena, struct state *state, struct carried carried)
{
    uint32_t at = state->carried.count;

    if (at >= MOST_CARRIED || carried_find(state, &carried))
        return;
    vec_add(arena, &state->carried, carried);
    for (; at > 0 && carried_order(&state->carried.items[at - 1], &carried) > 0;
         at--)
        state->carried.items[at] = state->carried.items[at - 1];
    state->carried.items[at] = carried;
}

void carry_remove(struct state *state, uint32_t at)
{
    memmove(&state->carried.items[at], &state->carried.items[at + 1],
            (state->carried.count - at - 1) * sizeof(*state->carried.items));
    state->carried.count--;
}

/* The same on both sides: what has ended on one of them has ended, and for a
 * guarded one what lies between is the later of the two. */
static void both_join(struct carried *one, const struct carried *two)
{
    if (one->left < two->left)
        one->left = two->left;
    one->is_stale = one->is_stale && two->is_stale;
}

void carry_join(struct arena *arena, struct state *one, const struct state *two)
{
    for (uint32_t i = one->carried.count; i > 0; i--) {
        struct carried *carried = &one->carried.items[i - 1];
        const struct carried *other = carried_find(two, carried);

        if (other)
            both_join(carried, other);
        else if (carried->kind == CARRIED_GUARDED)
            carry_remove(one, i - 1);
    }
    for (uint32_t i = 0; i < two->carried.count; i++)
        if (two->carried.items[i].kind != CARRIED_GUARDED)
            carry_add(arena, one, two->carried.items[i]);
}

void carry_forget(struct state *state, node_id place)
{
    for (uint32_t i = state->carried.count; i > 0; i--)
        if (state->carried.items[i - 1].place == place)
            carry_remove(state, i - 1);
}
