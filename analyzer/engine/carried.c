/*
 * The list of what variables carry, see struct carried in state.h. Of what
 * belongs to a thread, one path is enough; of what a lock guards, all paths
 * have to agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/state.h"

/* By one state; a function that juggles with more is generated. */
enum { MOST_CARRIED = 32 };

static int carried_order(const struct carried *one, const struct carried *two)
{
    if (one->place != two->place)
        return one->place < two->place ? -1 : 1;
    if (one->source != two->source)
        return one->source < two->source ? -1 : 1;
    if (one->acquired != two->acquired)
        return one->acquired < two->acquired ? -1 : 1;
    return (int)one->slot - (int)two->slot;
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
    vec_remove(&state->carried, at);
}

/* A pointer to something guarded counts when it is one on the other side too,
 * wherever it was found, or nobody can follow it there. */
static bool is_kept(const struct state *other, struct values *values,
                    const struct carried *carried)
{
    node_id value;
    int64_t number;

    if (carried->kind != CARRIED_GUARDED)
        return true;
    for (uint32_t i = 0; i < other->carried.count; i++) {
        const struct carried *there = &other->carried.items[i];

        if (there->place == carried->place &&
            there->acquired == carried->acquired &&
            there->slot == carried->slot)
            return true;
    }
    value = state_load(other, values, carried->place);
    return (value_is_const(values, value, &number) && number == 0) ||
           value == value_make(values, VALUE_INIT, carried->place, 0);
}

/* What has ended on one side has ended; of two ends the later one. */
static void side_join(struct values *values, struct arena *arena,
                      struct state *out, const struct state *from,
                      const struct state *other)
{
    for (uint32_t i = 0; i < from->carried.count; i++) {
        const struct carried *carried = &from->carried.items[i];
        struct carried *known = carried_find(out, carried);

        if (!known && is_kept(other, values, carried)) {
            carry_add(arena, out, *carried);
        } else if (known) {
            if (known->left < carried->left)
                known->left = carried->left;
            known->is_stale = known->is_stale && carried->is_stale;
        }
    }
}

void carry_join(struct values *values, struct arena *arena, struct state *out,
                const struct state *one, const struct state *two)
{
    side_join(values, arena, out, one, two);
    side_join(values, arena, out, two, one);
}

void carry_rename(struct state *state, struct values *values,
                  struct arena *arena, node_id from, node_id to)
{
    struct state old = *state;

    if (!old.carried.count)
        return;
    state->carried.items = NULL;
    state->carried.count = state->carried.capacity = 0;
    for (uint32_t i = 0; i < old.carried.count; i++) {
        struct carried carried = old.carried.items[i];

        carried.place = node_rename(values, carried.place, from, to);
        if (carried.place && !node_is_stale(values, carried.place))
            carry_add(arena, state, carried);
    }
}

void carry_forget(struct state *state, node_id place)
{
    for (uint32_t i = state->carried.count; i > 0; i--)
        if (state->carried.items[i - 1].place == place)
            carry_remove(state, i - 1);
}
