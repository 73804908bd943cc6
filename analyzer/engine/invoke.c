/*
 * What a call does to a state: its meaning in a pack, or its body's summary,
 * and then what is true of any call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/invoke.h"

#include "engine/carry.h"
#include "engine/choice.h"
#include "engine/ends.h"
#include "engine/flag.h"
#include "engine/guess.h"
#include "engine/hand.h"
#include "engine/inherit.h"
#include "engine/life.h"
#include "engine/mode.h"
#include "engine/path.h"
#include "engine/pure.h"
#include "engine/split.h"

/* As its pack says, for these arguments. */
static bool is_said_to_end(const struct step *step)
{
    const struct callee *callee = &step->site->callee;

    for (int i = 0; callee->meaning && !callee->is_covered &&
                    i < callee->meaning->effect_count;
         i++)
        if (callee->meaning->effects[i].kind == EFFECT_NORETURN &&
            step_conditions_hold(step, &callee->meaning->effects[i]))
            return true;
    return false;
}

/* What a getter returns is the thing itself, not a value of its own. */
static void result_apply(const struct step *step)
{
    const struct callee *callee = &step->site->callee;
    struct flow *flow = step->flow;
    node_id value;

    pure_answer(step);
    if (callee->meaning || !callee->body || !callee->body->summary.returns)
        return;
    value = path_place(flow, step->state, step->site,
                       callee->body->summary.returns);
    state_store(step->state, &flow->values, flow->arena,
                eval_temp(flow, step->op), value);
}

/* Itself, or a callee that ends in nothing else. */
static bool skips_cleanups(const struct flow *flow, const struct callee *callee)
{
    const struct meaning *meaning = callee->meaning;

    if (!meaning)
        return !callee->is_covered && callee->body &&
               callee->body->summary.skips_cleanups;
    return meaning->skips_cleanups &&
           !(meaning->unwinds && flow->fn->unit->flags & IR_UNIT_EXCEPTIONS);
}

/* A callee that ends in it on some ways, unless this function is where a jump
 * may lead. */
static bool may_skip_cleanups(const struct callee *callee)
{
    return !callee->meaning && !callee->is_covered && callee->body &&
           callee->body->summary.may_skip_cleanups;
}

/* `port_rx_mutex_unlock(port)`, which is not seen: of what it is handed, it
 * gives back a lock. */
static void unseen_apply(struct step *step)
{
    struct flow *flow = step->flow;

    if (!step->site->callee.name || !step->site->callee.is_call ||
        !guess_gives(flow->program, step->site->callee.name))
        return;
    for (uint32_t i = 0; i < step->site->args.count; i++) {
        node_id value = eval_arg(flow, step->state, step->site, (int)i);

        if (value)
            part_release(step, place_at(&flow->values, value));
    }
}

/* What it does in one state, in which it is known what it does. */
static void call_do(struct step *step, state_list *out)
{
    const struct meaning *meaning = step->site->callee.meaning;

    /* Inside a macro whose meaning a pack gives, only that counts. */
    if (!step->site->callee.is_covered) {
        if (meaning)
            effects_apply(step, meaning, out);
        if (!meaning && step->site->callee.body) {
            inherit_apply(step, out);
            mode_inherit(step);
        } else if (!meaning) {
            choice_apply(step, out);
            unseen_apply(step);
        }
        inherit_callbacks(step);
        life_call(step);
    }
    result_apply(step);
    split_context(step, out);
    split_jump(step, out);
    vec_add(step->flow->arena, out, step->state);
}

/* The step's state, as several where the callee asks a flag. */
static state_list states_of_call(const struct step *step)
{
    const struct callee *callee = &step->site->callee;
    state_list states = {0};

    vec_add(step->flow->arena, &states, step->state);
    if (!callee->is_covered && !callee->meaning && callee->body)
        flag_split(step, &callee->body->summary.locks, &states);
    return states;
}

void call_apply(struct step *step, state_list *out)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;
    bool ends = ends_call(&step->site->callee) || is_said_to_end(step);
    uint32_t before = out->count;
    uint32_t after;
    state_list states;

    if (flow->is_recording && skips_cleanups(flow, &step->site->callee)) {
        record_event(flow, step->state, EVENT_NO_CLEANUP, step->op, step->site);
        flow->fn->summary.skips_cleanups = true;
    } else if (flow->is_recording && may_skip_cleanups(&step->site->callee)) {
        record_event(flow, step->state, EVENT_NO_CLEANUP, step->op, step->site);
    }
    if (flow->is_recording && meaning && meaning->ends_task)
        record_event(flow, step->state, EVENT_END, step->op, step->site);
    pure_forget_call(step);
    wait_record(step);
    carry_call(step);
    share_call(step);
    call_notice(step);
    if (step->site->callee.is_call && !site_is_steady(step->site))
        state_age(step->state, &flow->values, flow->arena, step_result(step));
    states = states_of_call(step);
    for (uint32_t i = 0; i < states.count; i++) {
        step->state = states.items[i];
        call_do(step, out);
    }
    if (ends)
        out->count = before;
    after = out->count;
    for (uint32_t i = before; i < after; i++) {
        life_arguments_escape(step, out->items[i]);
        hand_guards_store(step, out->items[i]);
        hand_made_store(step, out->items[i], out);
    }
}
