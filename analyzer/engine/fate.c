/*
 * The fates of locks that are not held, see state.h: facts, in all states
 * that were joined, or nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/state.h"

/* The first entry whose lock is not smaller. */
static uint32_t place_of(const struct state *state, node_id lock)
{
    uint32_t at = 0;

    while (at < state->fates.count && state->fates.items[at].lock < lock)
        at++;
    return at;
}

const struct lock_fate *fate_find(const struct state *state, node_id lock)
{
    uint32_t at = place_of(state, lock);

    return lock && at < state->fates.count &&
                   state->fates.items[at].lock == lock
               ? &state->fates.items[at]
               : NULL;
}

bool fate_is(const struct state *state, node_id lock, enum fate fate)
{
    const struct lock_fate *found = fate_find(state, lock);

    return found && found->fate == fate;
}

void fate_put(struct state *state, struct arena *arena, node_id lock,
              enum fate fate, ir_id op)
{
    struct lock_fate entry = {lock, op, (uint8_t)fate};
    uint32_t at = place_of(state, lock);

    if (!lock)
        return;
    if (fate_find(state, lock))
        state->fates.items[at] = entry;
    else
        vec_insert(arena, &state->fates, at, entry);
}

void fate_forget(struct state *state, node_id lock)
{
    uint32_t at = place_of(state, lock);

    if (fate_find(state, lock))
        vec_remove(&state->fates, at);
}

void fate_forget_inside(struct state *state, const struct values *values,
                        node_id place)
{
    for (uint32_t i = state->fates.count; i > 0; i--)
        if (node_has(values, state->fates.items[i - 1].lock, place))
            vec_remove(&state->fates, i - 1);
}

void fates_rename(struct state *state, struct values *values,
                  struct arena *arena, node_id from, node_id to)
{
    struct state old = *state;

    state->fates.items = NULL;
    state->fates.count = state->fates.capacity = 0;
    for (uint32_t i = 0; i < old.fates.count; i++) {
        struct lock_fate *entry = &old.fates.items[i];
        node_id lock = node_rename(values, entry->lock, from, to);

        if (!node_is_stale(values, lock))
            fate_put(state, arena, lock, entry->fate, entry->op);
    }
}

bool fates_mention(const struct state *state, const struct values *values,
                   node_id value)
{
    for (uint32_t i = 0; i < state->fates.count; i++)
        if (node_has(values, state->fates.items[i].lock, value))
            return true;
    return false;
}

bool fates_equal(const struct state *one, const struct state *two)
{
    if (one->fates.count != two->fates.count)
        return false;
    for (uint32_t i = 0; i < one->fates.count; i++)
        if (one->fates.items[i].lock != two->fates.items[i].lock ||
            one->fates.items[i].fate != two->fates.items[i].fate)
            return false;
    return true;
}

static bool is_perhaps_free(const struct lock_fate *fate)
{
    return fate->fate <= FATE_FREE || fate->fate == FATE_PERHAPS;
}

/* Of what a loop has started, one path is enough. */
static void lent_join(struct state *one, const struct state *two,
                      struct arena *arena)
{
    for (uint32_t i = 0; i < two->fates.count; i++) {
        const struct lock_fate *entry = &two->fates.items[i];

        if (entry->fate == FATE_LENT_OFTEN && !fate_find(one, entry->lock))
            fate_put(one, arena, entry->lock, FATE_LENT_OFTEN, entry->op);
    }
}

/* What was made on one side only is not raw any more, for all we know. */
static void made_join(struct state *one, const struct state *two,
                      const struct state *made, struct values *values)
{
    for (uint32_t i = made->fates.count; i > 0; i--) {
        node_id lock = made->fates.items[i - 1].lock;

        if (made->fates.items[i - 1].fate != FATE_MADE ||
            (fate_find(one, lock) && fate_find(two, lock)))
            continue;
        for (uint32_t k = one->fates.count; k > 0; k--)
            if (one->fates.items[k - 1].fate == FATE_RAW &&
                node_has(values, lock, one->fates.items[k - 1].lock))
                vec_remove(&one->fates, k - 1);
    }
}

void fates_join(struct state *one, const struct state *two,
                struct values *values, struct arena *arena)
{
    made_join(one, two, one, values);
    made_join(one, two, two, values);
    for (uint32_t i = one->fates.count; i > 0; i--) {
        struct lock_fate *entry = &one->fates.items[i - 1];
        const struct lock_fate *other = fate_find(two, entry->lock);

        if (entry->fate == FATE_LENT_OFTEN ||
            (other && other->fate == entry->fate))
            continue;
        if (other && other->fate <= FATE_FREE && entry->fate <= FATE_FREE)
            entry->fate = FATE_FREE;
        else if (other && is_perhaps_free(other) && is_perhaps_free(entry))
            entry->fate = FATE_PERHAPS;
        else
            vec_remove(&one->fates, i - 1);
    }
    lent_join(one, two, arena);
}
