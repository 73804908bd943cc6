/*
 * The life of a lock outside of being held: made, refused, destroyed, freed
 * with the memory it lies in; release.c is about how it is given back. What is
 * known of it (state.h, enum fate) is known for sure, so everything that might
 * have changed it unseen makes us forget.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/life.h"

#include <errno.h>

#include "engine/info.h"
#include "engine/mode.h"
#include "engine/path.h"
#include "engine/recursive.h"

node_id life_whole(const struct values *values, node_id place)
{
    const struct node *node = node_get(values, place);

    while (node->kind == NODE_FIELD || node->kind == NODE_INDEX) {
        place = node->a;
        node = node_get(values, place);
    }
    return place;
}

bool life_is_local(const struct flow *flow, node_id lock)
{
    node_id whole = life_whole(&flow->values, lock);
    const struct node *node = node_get(&flow->values, whole);
    uint32_t var = node->a - flow->fn->ir->first_var;

    return node->kind == NODE_VAR && var < flow->fn->ir->var_count &&
           !flow->escapes[var];
}

void life_escape(struct flow *flow, struct state *state, node_id value)
{
    const struct node *node = node_get(&flow->values, value);
    const struct node *whole;

    if (node->kind != VALUE_ADDR)
        return;
    fate_forget_inside(state, &flow->values,
                       life_whole(&flow->values, node->a));
    whole = node_get(&flow->values, life_whole(&flow->values, node->a));
    if (whole->kind == NODE_VAR &&
        whole->a - flow->fn->ir->first_var < flow->fn->ir->var_count)
        flow->escapes[whole->a - flow->fn->ir->first_var] = true;
}

void life_store(struct flow *flow, struct state *state, ir_id op, node_id place,
                node_id value)
{
    const struct node *node = node_get(&flow->values, place);
    const struct ir_unit *unit = flow->fn->unit;
    bool is_plain = false;

    if (node->kind == NODE_FIELD && !(node->b & HIDDEN) &&
        !(unit->ops.items[op].flags & IR_OP_INIT)) {
        ir_id type = unit->fields.items[node->b].type;

        is_plain =
            node_get(&flow->values, node->a)->kind != NODE_FIELD &&
            ir_type_is_scalar(unit, type) &&
            !model_type_find(flow->fn->view,
                             ir_text(unit, unit->types.items[type].name));
    }
    if (is_plain)
        fate_forget(state, place);
    else
        fate_forget_inside(state, &flow->values,
                           life_whole(&flow->values, place));
    if (node->kind != NODE_VAR)
        life_escape(flow, state, value);
}

/* The fate of the lock, or of the variable that it is a part of. */
static const struct lock_fate *fate_of(const struct flow *flow,
                                       const struct state *state, node_id lock)
{
    const struct lock_fate *fate = fate_find(state, lock);
    const struct lock_fate *whole;

    if (fate || node_is_stale(&flow->values, lock))
        return fate;
    whole = fate_find(state, life_whole(&flow->values, lock));
    return whole && whole->fate == FATE_RAW ? whole : NULL;
}

/* Where it was initialised or destroyed, that has failed. */
static bool has_failed(const struct step *step, const struct lock_fate *fate)
{
    struct flow *flow = step->flow;
    node_id result = value_make(&flow->values, VALUE_RESULT, fate->op, 0);
    struct fact fact = state_fact(step->state, &flow->values, result);

    return (fate->fate == FATE_MADE || fate->fate == FATE_DESTROYED) &&
           fact_excludes(&fact, 0);
}

/* Of a robust mutex: its owner has died, and whoever is told so has it. */
static bool is_inherited(const struct step *step, const struct lock_fate *fate)
{
    struct flow *flow = step->flow;
    struct fact fact =
        state_fact(step->state, &flow->values,
                   value_make(&flow->values, VALUE_RESULT, fate->op, 0));

    return fate->fate == FATE_REFUSED && fact_is(&fact, EOWNERDEAD);
}

bool life_may_be_held(const struct step *step, node_id lock)
{
    const struct lock_fate *fate = fate_find(step->state, lock);

    return fate && (fate->fate == FATE_PERHAPS || is_inherited(step, fate));
}

void life_record(const struct step *step, struct event *event, node_id lock)
{
    const struct lock_fate *fate = fate_of(step->flow, step->state, lock);

    event->lock.is_local = life_is_local(step->flow, lock);
    if (step->state->is_doubtful ||
        held_find(step->flow, step->state, lock, "") >= 0)
        return;
    if (!fate || is_inherited(step, fate) ||
        (fate->fate == FATE_DESTROYED && has_failed(step, fate)))
        return;
    event->fates[fate->fate]++;
    if (!event->fate_at || fate->op < event->fate_at)
        event->fate_at = fate->op;
}

void life_begin(struct flow *flow, struct state *state, ir_id op)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id var = unit->ops.items[op].a;
    node_id place = value_make(&flow->values, NODE_VAR, var, 0);

    fate_forget_inside(state, &flow->values, place);
    if (!(unit->vars.items[var].flags & IR_VAR_MACRO_SCOPE))
        fate_put(state, flow->arena, place, FATE_RAW, op);
}

/* No thread or task was started after all: 0 is success for a number, and
 * failure for what is a pointer or a truth. */
bool life_has_not_started(struct flow *flow, const struct state *state,
                          ir_id call)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_type *type =
        ir_type_returned(unit, unit->exprs.items[unit->ops.items[call].a].type);
    struct fact fact = state_fact(
        state, &flow->values, value_make(&flow->values, VALUE_RESULT, call, 0));

    if (type->kind == IR_TYPE_POINTER || type->kind == IR_TYPE_BOOL)
        return fact_is(&fact, 0);
    return fact_excludes(&fact, 0);
}

void life_end(struct flow *flow, struct state *state, ir_id op)
{
    ir_id var = flow->fn->unit->ops.items[op].a;
    node_id place = value_make(&flow->values, NODE_VAR, var, 0);
    const struct lock_fate *lent =
        fate_find(state, value_addr(&flow->values, place));

    if (lent && flow->is_recording && life_runs_on(flow, state, lent))
        record_event(flow, state, EVENT_OUTLIVE, op, NULL)->fate_at = lent->op;
    fate_forget_inside(state, &flow->values,
                       value_make(&flow->values, NODE_VAR, var, 0));
}

/* `if (error == EOWNERDEAD)` */
static bool asks_owner(struct flow *flow)
{
    const struct ir_fn *ir = flow->fn->ir;

    if (flow->knows_owner)
        return flow->asks_owner;
    flow->knows_owner = true;
    for (ir_id at = ir->first_op; at < ir->first_op + ir->op_count; at++) {
        const struct ir_op *op = &flow->fn->unit->ops.items[at];
        const struct ir_expr *asked = flow_expr(flow, op->a);
        const struct ir_expr *number = flow_expr(flow, asked->b);

        if (op->kind == IR_BRANCH && asked->kind == IR_EXPR_BINARY &&
            number->kind == IR_EXPR_CONST && number->value == EOWNERDEAD)
            flow->asks_owner = true;
    }
    return flow->asks_owner;
}

struct state *life_inherited(const struct step *step,
                             const struct effect *effect, struct state *failed)
{
    struct flow *flow = step->flow;
    node_id result = step_result(step);
    struct state *inherited;

    if ((effect->outcome != OUTCOME_ZERO &&
         effect->outcome != OUTCOME_NOT_BUSY) ||
        effect->only_if_free || !step->is_result_used || !asks_owner(flow))
        return NULL;
    inherited = state_copy(flow->arena, step->state);
    if (!state_assume_range(inherited, &flow->values, flow->arena, result,
                            EOWNERDEAD, EOWNERDEAD))
        return NULL;
    state_assume_not(failed, &flow->values, flow->arena, result, EOWNERDEAD);
    return inherited;
}

void life_refused(const struct step *step, struct state *failed, node_id lock)
{
    const struct lock_fate *fate = fate_find(failed, lock);

    /* To make it consistent again may fail: it is held all the same. */
    enum fate now =
        fate && is_inherited(step, fate) ? FATE_PERHAPS : FATE_REFUSED;

    if (lock && !node_is_stale(&step->flow->values, lock) &&
        held_find(step->flow, failed, lock, "") < 0)
        fate_put(failed, step->flow->arena, lock, now, step->op);
}

bool life_regain(struct step *step, node_id lock)
{
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        struct held_lock *held = &step->state->held.items[i];

        if (!held->by_hand || held->lock != lock)
            continue;
        held->by_hand = 0;
        held->depth = 1;
        fate_forget(step->state, lock);
        return true;
    }
    return false;
}

/* … and by the class of what points to it, if it lies in memory of its own:
 * `m->lock = malloc(sizeof(*m->lock)); init(m->lock, &recursive);` */
static void recursion_note(struct flow *flow, const struct state *state,
                           node_id lock, enum recursive_answer answer)
{
    struct values *values = &flow->values;
    const struct node *node = node_get(values, lock);
    node_id pointer = node->kind == NODE_MEMORY ? node->a : 0;

    map_add_str(&flow->program->recursive, name_class(flow, lock), answer,
                NULL);
    for (uint32_t i = 0; pointer && i < state->store.count; i++) {
        const struct stored *stored = &state->store.items[i];

        if (stored->value == pointer &&
            node_get(values, stored->place)->kind == NODE_FIELD)
            map_add_str(
                &flow->program->recursive,
                name_class(flow,
                           place_at(values, value_make(values, VALUE_INIT,
                                                       stored->place, 0))),
                answer, NULL);
    }
}

/* That locks are recursive is said where they are initialised, and holds for
 * all of their class, wherever they are taken. */
void life_make(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id lock =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    node_id attributes =
        eval_arg(flow, step->state, step->site, effect->attributes.arg);
    struct lock_info info = name_lock(flow, step->site, effect, lock);
    bool refuses = effect->attributes.base == PLACE_ARG && attributes &&
                   mode_refuses(step->state, &flow->values, attributes);

    if (refuses && lock)
        recursion_note(flow, step->state, lock, RECURSIVE_REFUSES);
    info.is_recursive =
        refuses ||
        (effect->is_recursive && step_conditions_hold(step, effect)) ||
        (effect->attributes.base == PLACE_ARG && attributes &&
         mode_is_set(step->state, &flow->values, attributes));
    step_made(step, lock, &info);
}

/* One of an array: which of them are not yet made, nobody counts. */
static bool is_one_of_many(const struct values *values, node_id lock)
{
    const struct node *node = node_get(values, lock);

    while (node->kind == NODE_FIELD)
        node = node_get(values, node->a);
    return node->kind == NODE_INDEX;
}

void life_misuse(const struct step *step, node_id lock,
                 const struct lock_info *info)
{
    const struct lock_fate *fate = fate_of(step->flow, step->state, lock);
    struct event *event;

    if (!fate || (fate->fate != FATE_RAW && fate->fate != FATE_DESTROYED))
        return;
    event = record_event(step->flow, step->state, EVENT_MISUSE, step->op,
                         step->site);
    event->lock = *info;
    life_record(step, event, lock);
}

/* A lock that is held when it is made or destroyed: that is told, and then
 * nobody asks who has it. */
static void held_end(struct step *step, node_id lock, int at, enum fate fate)
{
    struct flow *flow = step->flow;

    if (at >= 0) {
        state_held_remove(step->state, (uint32_t)at);
        fate_put(step->state, flow->arena, lock, FATE_PERHAPS, step->op);
    } else if (!node_is_stale(&flow->values, lock)) {
        fate_put(step->state, flow->arena, lock, fate, step->op);
    }
}

void step_made(struct step *step, node_id lock, const struct lock_info *info)
{
    struct flow *flow = step->flow;
    const struct lock_fate *fate = fate_of(flow, step->state, lock);
    int at = held_find(flow, step->state, lock, "");
    struct event *event;

    if (info->is_recursive && lock)
        recursion_note(flow, step->state, lock, RECURSIVE_COUNTS);
    if (flow->is_recording) {
        event =
            record_event(flow, step->state, EVENT_MAKE, step->op, step->site);
        event->lock = *info;
        event->held_before += at >= 0;
        if (!fate || !has_failed(step, fate))
            life_record(step, event, lock);
    }
    if (is_one_of_many(&flow->values, lock))
        fate_forget(step->state, life_whole(&flow->values, lock));
    held_end(step, lock, at, FATE_MADE);
}

void life_destroy(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id lock =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    struct lock_info info = name_lock(flow, step->site, effect, lock);

    step_destroyed(step, lock, &info);
}

/* A thread or task that nobody has waited for. */
static void alive_record(const struct step *step, struct event *event)
{
    for (uint32_t i = 0; i < step->state->fates.count; i++) {
        const struct lock_fate *fate = &step->state->fates.items[i];

        if (node_get(&step->flow->values, fate->lock)->kind != VALUE_RESULT ||
            !life_runs_on(step->flow, step->state, fate))
            continue;
        event->alive++;
        event->alive_at = fate->op;
        return;
    }
}

void step_destroyed(struct step *step, node_id lock,
                    const struct lock_info *info)
{
    struct flow *flow = step->flow;
    int at = held_find(flow, step->state, lock, "");
    struct event *event;

    if (flow->is_recording) {
        event = record_event(flow, step->state, EVENT_DESTROY, step->op,
                             step->site);
        event->lock = *info;
        event->held_before += at >= 0 && !step->state->held.items[at].may;
        life_record(step, event, lock);
        alive_record(step, event);
    }
    held_end(step, lock, at, FATE_DESTROYED);
}
