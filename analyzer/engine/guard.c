/*
 * Guards are values: one may be moved, dropped early, made before its lock is
 * taken. A held lock knows its guard by value, so copying the guard into a
 * variable takes nothing but the copy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/guard.h"
#include "engine/hand.h"
#include "engine/info.h"
#include "engine/life.h"
#include "engine/nest.h"
#include "engine/summarise.h"

static void guard_keep(struct step *step, const struct effect *effect,
                       node_id guard)
{
    struct flow *flow = step->flow;

    /* A guard that lives in memory handed in: it is what is stored there. */
    if (effect->guard.base == PLACE_ARG)
        state_store(step->state, &flow->values, flow->arena,
                    guard_place(flow, step->state, step->site, step->op,
                                &effect->guard),
                    guard);
}

static node_id guard_new(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;

    if (effect->guard.base == PLACE_ARG)
        return value_make(&flow->values, VALUE_RESULT, step->op, 1);
    return guard_place(flow, step->state, step->site, step->op, &effect->guard);
}

void guard_enter(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id lock =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    node_id guard = guard_new(step, effect);
    bool is_deferred = effect->kind == EFFECT_GUARD_DEFER;

    if (!is_deferred)
        step_acquired(step, effect, lock, true);
    step_hold(step, effect, lock, guard, is_deferred);
    guard_keep(step, effect, guard);
}

/* Taken where nobody looked: the guard says that it is. Here nobody waits. */
static void held_assume(struct step *step, const struct effect *effect,
                        node_id lock, node_id guard)
{
    struct effect taken = *effect;

    taken.is_try = true;
    step_acquired(step, &taken, lock, true);
    step_hold(step, &taken, lock, guard, false);
}

void guard_adopt(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id lock =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    node_id guard = guard_new(step, effect);
    int at = held_find(flow, step->state, lock,
                       name_lock(flow, step->site, effect, lock).class);

    if (at >= 0)
        step->state->held.items[at].guard = guard;
    else if (!node_is_stale(&flow->values, lock))
        held_assume(step, effect, lock, guard);
    guard_keep(step, effect, guard);
}

bool guard_is_awaited(const struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;

    for (int i = 0; meaning && i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == EFFECT_GUARD_AWAIT &&
            guard_find(step->flow, step->state, step->site,
                       &meaning->effects[i].guard) >= 0)
            return true;
    return false;
}

/* What a future was made for, if its status says so. */
void guard_await(struct step *step, const struct effect *effect,
                 state_list *out)
{
    struct flow *flow = step->flow;
    int at = guard_find(flow, step->state, step->site, &effect->guard);
    struct held_lock held;
    struct state *failed;
    struct event *event;

    if (at < 0 || step->state->held.items[at].depth)
        return;
    held = step->state->held.items[at];
    info_put(flow, step->op, *info_of(flow, &held));
    if (flow->is_recording) {
        event = record_event(flow, step->state, EVENT_ACQUIRE, step->op,
                             step->site);
        event->lock = *info_of(flow, &held);
        event->held_before += held_find(flow, step->state, held.lock, "") >= 0;
        nest_acquired(step, held.lock, &event->lock);
        summarise_use(flow, step->state,
                      &(struct lock_use){.op = step->op,
                                         .lock = held.lock,
                                         .info = &event->lock});
    }
    if (step->is_result_used) {
        failed = state_copy(flow->arena, step->state);
        if (step_assume(step, failed, effect->outcome, false))
            vec_add(flow->arena, out, failed);
        step_assume(step, step->state, effect->outcome, true);
    }
    state_held_remove(step->state, (uint32_t)at);
    fate_forget(step->state, held.lock);
    held.acquired = step->op;
    held.slot = flow->slot;
    held.guard = 0;
    held.depth = 1;
    state_held_add(step->state, flow->arena, held);
}

void guard_take(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    int at = guard_find(flow, step->state, step->site, &effect->guard);
    struct held_lock held;
    struct event *event;

    if (at < 0) {
        hand_take(step, effect);
        return;
    }
    held = step->state->held.items[at];
    info_put(flow, step->op, *info_of(flow, &held));
    if (flow->is_recording) {
        event = record_event(flow, step->state, EVENT_ACQUIRE, step->op,
                             step->site);
        event->lock = *info_of(flow, &held);
        event->by_guard = true;
        event->held_before += held.depth > 0;
    }
    state_held_remove(step->state, (uint32_t)at);
    held.acquired = step->op;
    held.slot = flow->slot;
    held.depth = 1;
    state_held_add(step->state, flow->arena, held);
}

/* It lets go of what may have been given back by hand. */
static void by_hand_record(const struct step *step,
                           const struct held_lock *held)
{
    if (step->flow->is_recording && held->by_hand)
        record_redrop(step, info_of(step->flow, held), held->by_hand);
}

void guard_drop(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    const struct ir_op *op = &flow->fn->unit->ops.items[step->op];
    int at = guard_find(flow, step->state, step->site, &effect->guard);
    struct event *event;

    if (at < 0) {
        hand_drop(step, effect);
        return;
    }
    by_hand_record(step, &step->state->held.items[at]);
    if (flow->is_recording && step->state->held.items[at].depth) {
        event = record_event(flow, step->state, EVENT_RELEASE, step->op,
                             step->site);
        event->lock = *info_of(flow, &step->state->held.items[at]);
        event->by_guard = true;
        event->held_before++;
    }
    /* Its scope ends: it can't be taken again. */
    if (op->flags & IR_OP_CLEANUP)
        state_held_remove(step->state, (uint32_t)at);
    else
        step->state->held.items[at].depth = 0;
}

/* A cleanup of which nothing is known gives back what was taken for its
 * variable: `struct guard g = guard_make(&m)`, where guard_make() is seen. */
void guard_unknown_end(struct step *step, ir_id var)
{
    struct flow *flow = step->flow;
    struct values *values = &flow->values;
    node_id value =
        state_load(step->state, values, value_make(values, NODE_VAR, var, 0));
    struct node node = values->nodes.items[value];

    for (uint32_t i = step->state->held.count; i-- > 0;) {
        const struct held_lock *held = &step->state->held.items[i];

        if (node.kind != VALUE_RESULT || held->acquired != node.a)
            continue;
        if (flow->is_recording) {
            struct event *event = record_event(flow, step->state, EVENT_RELEASE,
                                               step->op, step->site);

            event->lock = *info_of(flow, held);
            event->by_guard = true;
            event->held_before++;
        }
        state_held_remove(step->state, i);
    }
}

void guard_move(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    int at = guard_find(flow, step->state, step->site, &effect->on);
    node_id source =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    node_id guard = guard_new(step, effect);

    if (at >= 0)
        step->state->held.items[at].guard = guard;
    state_store(step->state, &flow->values, flow->arena, source, 0);
    guard_keep(step, effect, guard);
}

bool guard_scope_end(struct step *step, ir_id var)
{
    bool is_guard = false;
    struct flow *flow = step->flow;
    node_id guard =
        value_addr(&flow->values, value_make(&flow->values, NODE_VAR, var, 0));

    for (uint32_t i = step->state->held.count; i > 0; i--)
        if (step->state->held.items[i - 1].guard == guard) {
            by_hand_record(step, &step->state->held.items[i - 1]);
            state_held_remove(step->state, i - 1);
            is_guard = true;
        }
    return is_guard;
}
