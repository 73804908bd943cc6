/*
 * Memory in which locks lie: allocated with nothing in it, handed on by those
 * who allocate for others, freed. See life.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/info.h"
#include "engine/life.h"

void life_allocate(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id memory =
        effect_place(flow, step->state, step->site, step->op, &effect->on);

    if (memory && !node_is_stale(&flow->values, memory))
        life_raw(step, memory);
}

void life_raw(struct step *step, node_id memory)
{
    fate_forget_inside(step->state, &step->flow->values, memory);
    fate_put(step->state, step->flow->arena, memory, FATE_RAW, step->op);
}

/* Nothing was made in it since it was allocated. */
static bool is_raw(const struct flow *flow, const struct state *state,
                   node_id memory)
{
    if (!fate_is(state, memory, FATE_RAW))
        return false;
    for (uint32_t i = 0; i < state->fates.count; i++)
        if (state->fates.items[i].lock != memory &&
            node_has(&flow->values, state->fates.items[i].lock, memory))
            return false;
    return true;
}

void life_exit(struct flow *flow, const struct state *state, ir_id op)
{
    struct summary *summary = &flow->fn->summary;
    ir_id expr = flow->fn->unit->ops.items[op].a;
    node_id value = expr ? eval_value(flow, state, expr) : 0;
    struct fact fact = state_fact(state, &flow->values, value);

    if (value && fact_is(&fact, 0))
        return;
    summary->returns_other |=
        !value || !is_raw(flow, state, place_at(&flow->values, value));
    summary->returns_raw = !summary->returns_other;
}

/* What was destroyed stays so in memory that is gone. */
static void fates_free(struct step *step, node_id memory)
{
    const struct values *values = &step->flow->values;

    for (uint32_t i = step->state->fates.count; i > 0; i--) {
        const struct lock_fate *fate = &step->state->fates.items[i - 1];

        if (fate->fate != FATE_DESTROYED &&
            node_has(values, fate->lock, memory))
            fate_forget(step->state, fate->lock);
    }
}

void life_free(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id memory =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    struct event *event;

    if (!memory || node_is_stale(&flow->values, memory))
        return;
    for (uint32_t i = step->state->held.count; i > 0; i--) {
        const struct held_lock *held = &step->state->held.items[i - 1];

        if (!held->depth || life_whole(&flow->values, held->lock) != memory)
            continue;
        if (flow->is_recording) {
            event = record_event(flow, step->state, EVENT_FREE, step->op,
                                 step->site);
            event->lock = *info_of(flow, held);
            event->held_before += !held->may && !held->is_many;
        }
        state_held_remove(step->state, i - 1);
    }
    fates_free(step, memory);
}
