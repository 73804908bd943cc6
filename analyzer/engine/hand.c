/*
 * Guards that cross a call in memory: a callee leaves one in its caller's
 * struct or out-parameter, or drops the one that its caller lends it. Those
 * that are returned are values like others and need no help.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/hand.h"

#include "engine/info.h"
#include "engine/inherit.h"
#include "engine/life.h"
#include "engine/path.h"
#include "engine/summarise.h"

/* Sets the guards that callees leave apart from what else a call writes. */
enum { HANDED_GUARDS = 1 << 16 };

void hand_drop(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id place =
        guard_place(flow, step->state, step->site, step->op, &effect->guard);

    if (path_visible(flow, place))
        fate_put(step->state, flow->arena, place, FATE_DROPPED, step->op);
}

void hand_take(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id place =
        guard_place(flow, step->state, step->site, step->op, &effect->guard);

    if (fate_is(step->state, place, FATE_DROPPED))
        fate_forget(step->state, place);
}

/* The lock that the guard in a place owns, or -1. */
static int owned(struct flow *flow, const struct state *state, node_id place)
{
    node_id guard = state_load(state, &flow->values, place);

    for (uint32_t i = state->held.count; place && i > 0; i--) {
        const struct held_lock *held = &state->held.items[i - 1];

        if (held->guard && (held->guard == guard || held->guard == place))
            return (int)i - 1;
    }
    return -1;
}

bool hand_owns(struct flow *flow, const struct state *state, node_id place)
{
    return owned(flow, state, place) >= 0;
}

void hand_lent(struct flow *flow, struct state *waiting, node_id place)
{
    int at = owned(flow, waiting, place);

    if (at >= 0)
        state_held_remove(waiting, (uint32_t)at);
    else if (path_visible(flow, place))
        fate_put(waiting, flow->arena, place, FATE_DROPPED, 0);
}

const struct path *hand_left_at(struct flow *flow, const struct state *state,
                                node_id guard)
{
    const struct path *path = NULL;

    for (uint32_t i = 0; guard && !path && i < state->store.count; i++)
        if (state->store.items[i].value == guard)
            path = path_visible(flow, state->store.items[i].place);
    return path;
}

node_id hand_guard(const struct step *step, const struct lock_effect *effect)
{
    const struct lock_effects *effects =
        &step->site->callee.body->summary.locks;
    uint32_t number = 0;

    while (effects->items.items[number] != effect)
        number++;
    return value_make(&step->flow->values, VALUE_RESULT, step->op,
                      HANDED_GUARDS + number);
}

void hand_guards_store(struct step *step, struct state *state)
{
    const struct lock_effects *effects;

    if (step->site->callee.meaning || !step->site->callee.body)
        return;
    effects = &step->site->callee.body->summary.locks;
    for (uint32_t i = 0; i < effects->items.count; i++) {
        const struct lock_effect *effect = effects->items.items[i];
        node_id place =
            effect->guard_path && effect->kind == LOCK_TAKES
                ? path_place(step->flow, state, step->site, effect->guard_path)
                : 0;

        if (place)
            state_store(state, &step->flow->values, step->flow->arena, place,
                        hand_guard(step, effect));
    }
}

/* `*lock = made`: what is made, and where that is left. */
static void made_summarise(struct flow *flow, const struct exit_state *exit,
                           const struct lock_fate *fate, uint32_t seen)
{
    const struct node *whole =
        node_get(&flow->values, life_whole(&flow->values, fate->lock));
    const struct path *left = whole->kind == NODE_MEMORY
                                  ? hand_left_at(flow, exit->state, whole->a)
                                  : NULL;
    const struct path *path =
        left ? path_from_result(flow, fate->lock, whole->a, flow->arena) : NULL;
    struct lock_effect *effect =
        path ? summarise_effect(flow, LOCK_MAKES, path) : NULL;

    if (!effect)
        return;
    if (!effect->guard_path) {
        effect->guard_path = path_copy(left, flow->program->arena);
        effect->op = fate->op;
        effect->free_buckets = seen;
    }
    effect->held_buckets |= 1u << exit->bucket;
    effect->sometimes = false;
}

void hand_made_summarise(struct flow *flow)
{
    struct lock_effects *effects = &flow->fn->summary.locks;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct exit_state *exit = &flow->exits.items[i];

        for (uint32_t k = 0; k < effects->items.count; k++)
            if (effects->items.items[k]->kind == LOCK_MAKES)
                effects->items.items[k]->sometimes = true;
        for (uint32_t k = 0; k < exit->state->fates.count; k++)
            if (exit->state->fates.items[k].fate == FATE_MADE)
                made_summarise(flow, exit, &exit->state->fates.items[k], seen);
        seen |= 1u << exit->bucket;
        for (uint32_t k = 0; k < effects->items.count; k++)
            if (effects->items.items[k]->guard_path &&
                effects->items.items[k]->kind == LOCK_MAKES &&
                effects->items.items[k]->sometimes)
                effects->items.items[k]->free_buckets |= 1u << exit->bucket;
    }
}

static void made_store(struct step *step, const struct lock_effect *effect,
                       struct state *state, state_list *out)
{
    struct flow *flow = step->flow;
    node_id place = path_place(flow, state, step->site, effect->guard_path);
    node_id value = hand_guard(step, effect);
    struct state *failed;

    if (!place || effect->free_buckets & effect->held_buckets)
        return;
    if (effect->free_buckets) {
        failed = state_copy(flow->arena, state);
        if (inherit_assume(step, failed, effect->free_buckets,
                           effect->held_buckets))
            vec_add(flow->arena, out, failed);
        if (!inherit_assume(step, state, effect->held_buckets,
                            effect->free_buckets))
            return;
    }
    state_age(state, &flow->values, flow->arena, value);
    place = path_place(flow, state, step->site, effect->guard_path);
    state_store(state, &flow->values, flow->arena, place, value);
    fate_put(state, flow->arena,
             path_place_from(flow, state, step->site, value, effect->path),
             FATE_MADE, step->op);
}

void hand_made_store(struct step *step, struct state *state, state_list *out)
{
    const struct lock_effects *effects;

    if (step->site->callee.meaning || !step->site->callee.body)
        return;
    effects = &step->site->callee.body->summary.locks;
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == LOCK_MAKES &&
            effects->items.items[i]->guard_path)
            made_store(step, effects->items.items[i], state, out);
}

/* What the guard is called, whose lock the caller took. */
void hand_dropped(struct step *step, const struct lock_effect *effect)
{
    struct flow *flow = step->flow;
    node_id place = path_place(flow, step->state, step->site, effect->path);
    int at = owned(flow, step->state, place);
    struct held_lock *held;
    struct event *event;

    if (path_visible(flow, place))
        fate_put(step->state, flow->arena, place, FATE_DROPPED, step->op);
    if (at < 0)
        return;
    held = &step->state->held.items[at];
    if (flow->is_recording && held->depth) {
        event = record_event(flow, step->state, EVENT_RELEASE, step->op,
                             step->site);
        event->lock = *info_of(flow, held);
        event->by_guard = true;
        event->held_before++;
    }
    /* It may take the lock again, unless that was its end. */
    if (flow->fn->unit->ops.items[step->op].flags & IR_OP_CLEANUP)
        state_held_remove(step->state, (uint32_t)at);
    else
        held->depth = 0;
}
