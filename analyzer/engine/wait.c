/*
 * Calls that wait: the task suspends, the thread blocks, or nobody knows.
 * Written down with the locks that are held meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/wait.h"
#include "engine/carry.h"
#include "engine/expects.h"
#include "engine/guard.h"
#include "engine/inherit.h"
#include "engine/life.h"
#include "engine/only_if.h"
#include "engine/summarise.h"
#include "engine/waits.h"

bool wait_is_exempt(const struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;

    for (int i = 0; meaning && i < meaning->exemption_count; i++)
        if (eval_exempt(step->flow, step->state, step->site,
                        &meaning->exemptions[i]) ||
            (meaning->exemptions[i].kind == UNLESS_FD_NONBLOCKING &&
             expects_not_to_block(step->flow, step->op)))
            return true;
    return false;
}

/* The lock that a pack says the object has, of which this one is a part: that
 * is the one that is meant. Or -1: it is not held. */
static int whole_find(const struct flow *flow, const struct state *state,
                      node_id lock)
{
    for (uint32_t i = 0; i < state->held.count; i++) {
        const struct node *node =
            node_get(&flow->values, state->held.items[i].lock);

        if (node->kind == NODE_FIELD && node->b & HIDDEN &&
            node_has(&flow->values, lock, node->a))
            return (int)i;
    }
    return -1;
}

/* The held lock that a wait gives back, or -1. */
static int given_find(struct flow *flow, const struct state *state,
                      node_id lock)
{
    int at = held_find(flow, state, lock, name_class(flow, lock));

    return at < 0 ? whole_find(flow, state, lock) : at;
}

/* The state in which the call waits: what it releases meanwhile is not held,
 * and the guard it is given is its own business. */
static struct state *state_while_waiting(const struct step *step)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;
    struct state *waiting = state_copy(flow->arena, step->state);

    for (int i = 0; meaning && i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];
        node_id lock = 0;
        int at;

        if (effect->kind != EFFECT_WAIT)
            continue;
        at = guard_find(flow, waiting, step->site, &effect->on);
        if (at < 0) {
            lock =
                effect_place(flow, waiting, step->site, step->op, &effect->on);
            at = given_find(flow, waiting, lock);
        }
        if (at >= 0)
            state_held_remove(waiting, (uint32_t)at);
        else if (lock && !node_is_stale(&flow->values, lock))
            node_list_add(&waiting->dropped, flow->arena, lock);
    }
    return waiting;
}

bool wait_is_acquisition(const struct meaning *meaning)
{
    return meaning_has(meaning, EFFECT_ACQUIRE) ||
           meaning_has(meaning, EFFECT_GUARD_ENTER) ||
           meaning_has(meaning, EFFECT_GUARD_TAKE);
}

/* What an earlier call wrote through a pointer that it was given has no name
 * but that of where it was written: `pthread_create(&thread, …)`. */
static node_id written_place(const struct step *step, node_id place)
{
    struct flow *flow = step->flow;
    const struct node *node = node_get(&flow->values, place);
    const struct node *value = node_get(&flow->values, node->a);
    node_id pointer;

    if (node->kind != NODE_MEMORY || value->kind != VALUE_RESULT ||
        value->b < WRITTEN_ARGS)
        return 0;
    pointer = eval_arg(flow, step->state, site_at(flow, value->a),
                       (int)(value->b - WRITTEN_ARGS));
    return pointer ? place_at(&flow->values, pointer) : 0;
}

void wait_subject(const struct step *step, const struct effect *effect,
                  struct event *event)
{
    struct flow *flow = step->flow;
    node_id place =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    node_id written = written_place(step, place);

    event->subject = name_class(flow, written ? written : place);
    event->subject_in = name_around(flow, written ? written : place);
}

/* What takes a lock or none is given NULL. */
static bool is_null(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);

    return node->kind == NODE_MEMORY &&
           node_get(&flow->values, node->a)->kind == VALUE_CONST;
}

/* What it waits for, and which lock it gives back meanwhile; whether that was
 * held is seen in the state before. */
static void wait_describe(struct step *step, struct event *event)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;

    for (int i = 0; meaning && i < meaning->effect_count; i++) {
        const struct effect *effect = &meaning->effects[i];
        node_id lock;

        if (effect->kind == EFFECT_EVENT_WAIT)
            wait_subject(step, effect, event);
        if (effect->kind != EFFECT_WAIT)
            continue;
        lock =
            effect_place(flow, step->state, step->site, step->op, &effect->on);
        if (is_null(flow, lock))
            continue;
        event->lock = name_lock(flow, step->site, effect, lock);
        event->held_before +=
            guard_find(flow, step->state, step->site, &effect->on) >= 0 ||
            given_find(flow, step->state, lock) >= 0;
        life_record(step, event, lock);
    }
}

/* A wait that spins until somebody else is done. */
static void spin_record(struct step *step, struct state *waiting)
{
    const struct meaning *meaning = step->site->callee.meaning;

    for (int i = 0; meaning && i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == EFFECT_EVENT_WAIT)
            wait_describe(step, record_event(step->flow, waiting, EVENT_SPIN,
                                             step->op, step->site));
}

static void block_record(struct step *step, enum tristate blocks)
{
    struct state *waiting = state_while_waiting(step);
    struct event *event;

    inherit_excursions(step->flow, waiting, step->site, LOCK_BLOCK_EXCURSION);
    event =
        record_event(step->flow, waiting, EVENT_BLOCK, step->op, step->site);
    event->answer = blocks;
    event->is_acquisition = wait_is_acquisition(step->site->callee.meaning);
    wait_describe(step, event);
    summarise_wait(step->flow, waiting, LOCK_BLOCK_EXCURSION);
}

/* Whether nothing is written down of the call, or carried past it. */
static bool is_no_wait(const struct step *step, enum tristate suspends,
                       enum tristate blocks)
{
    if (!step->flow->is_recording)
        return !step->state->carried.count || !answer_can_be(suspends);
    return suspends == ANSWER_NEVER && blocks == ANSWER_NEVER &&
           !meaning_has(step->site->callee.meaning, EFFECT_EVENT_WAIT);
}

void wait_record(struct step *step)
{
    const struct callee *callee = &step->site->callee;
    enum tristate suspends = callee_suspends(callee);
    enum tristate blocks = callee_blocks(callee);
    struct state *waiting;
    struct event *event;

    if (is_no_wait(step, suspends, blocks) || wait_is_exempt(step))
        return;
    waiting = state_while_waiting(step);
    inherit_excursions(step->flow, waiting, step->site, LOCK_EXCURSION);
    if (answer_can_be(suspends) &&
        only_if_asked(step->flow, step->state, step->site) != ONLY_IF_GIVEN)
        suspends = ANSWER_UNKNOWN;
    if (answer_can_be(suspends) && waits_not(step, EVENT_SUSPEND))
        suspends = ANSWER_NEVER;
    if (answer_can_be(blocks) && waits_not(step, EVENT_BLOCK))
        blocks = ANSWER_NEVER;
    if (answer_can_be(suspends))
        carry_wait(step, waiting);
    if (!step->flow->is_recording)
        return;
    if (answer_can_be(suspends)) {
        event = record_event(step->flow, waiting, EVENT_SUSPEND, step->op,
                             step->site);
        event->answer = suspends;
        event->outside_too = event->outside_too ||
                             (step->state->whereabouts != WHERE_IN_TASK &&
                              answer_can_be(callee_suspends_outside(callee)));
        wait_describe(step, event);
        event->is_acquisition =
            wait_is_acquisition(callee->meaning) || guard_is_awaited(step);
        summarise_wait(step->flow, waiting, LOCK_EXCURSION);
    }
    if (answer_can_be(blocks))
        block_record(step, blocks);
    if (suspends == ANSWER_NEVER && blocks == ANSWER_NEVER)
        spin_record(step, waiting);
    if (suspends == ANSWER_UNKNOWN || blocks == ANSWER_UNKNOWN)
        record_event(step->flow, waiting, EVENT_UNKNOWN, step->op, step->site);
}
