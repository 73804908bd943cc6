/*
 * File descriptors that don't block and streams in memory, see mode.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/mode.h"

enum {
    MODE_PAIR = 2,         /* descriptors that pipe2 and socketpair make */
    MODE_WRITTEN = 1 << 8, /* above all arguments, see WRITTEN_ARGS */
    MODE_PARAMS = 16,      /* that a summary has room for */
    MODE_RESULT = 1 << MODE_PARAMS,
};

/* What is kept of a value: 0, it has the property, or an attribute that makes
 * who takes a lock again fail. */
enum { PROPERTY_SET = 1, PROPERTY_REFUSES };

static bool property_is(const struct state *state, struct values *values,
                        node_id value, int64_t wanted)
{
    node_id place;
    int64_t number;

    if (!value || !values->has_modes)
        return false;
    place = value_property(values, value);
    return place &&
           value_is_const(values, state_load(state, values, place), &number) &&
           number == wanted;
}

bool mode_is_set(const struct state *state, struct values *values,
                 node_id value)
{
    return property_is(state, values, value, PROPERTY_SET);
}

bool mode_refuses(const struct state *state, struct values *values,
                  node_id value)
{
    return property_is(state, values, value, PROPERTY_REFUSES);
}

void mode_put(struct state *state, struct values *values, struct arena *arena,
              node_id value, bool has_it)
{
    if (!value)
        return;
    values->has_modes = true;
    state_store(state, values, arena, value_property(values, value),
                value_const(values, has_it));
}

void mode_joined(struct values *values, struct state *state,
                 const struct state *other)
{
    for (uint32_t i = 0; i < state->store.count; i++) {
        struct stored *entry = &state->store.items[i];

        if (place_is_property(values, entry->place) &&
            entry->value != state_load(other, values, entry->place))
            entry->value = 0;
    }
}

static void value_mark(const struct step *step, node_id value, bool has_it)
{
    mode_put(step->state, &step->flow->values, step->flow->arena, value,
             has_it);
}

static bool is_pointer(const struct step *step, int arg)
{
    const struct ir_unit *unit = step->flow->fn->unit;
    ir_id expr = ir_call_arg(unit, step->op, arg);
    enum ir_type_kind kind;

    if (!expr)
        return false;
    if (unit->exprs.items[expr].kind == IR_EXPR_ADDR)
        return true;
    kind = ir_type_strip(unit, unit->exprs.items[expr].type)->kind;
    return kind == IR_TYPE_POINTER || kind == IR_TYPE_ARRAY;
}

/* Two descriptors are written to where the argument points. */
static void pair_make(const struct step *step, node_id pointer,
                      bool is_nonblocking)
{
    struct values *values = &step->flow->values;
    node_id array = place_at(values, pointer);
    const struct node *node = node_get(values, array);
    int64_t number;

    if (node->kind == NODE_INDEX && value_is_const(values, node->b, &number) &&
        !number)
        array = node->a;
    for (uint32_t i = 0; i < MODE_PAIR; i++) {
        node_id made =
            value_make(values, VALUE_RESULT, step->op, MODE_WRITTEN + i);

        state_age(step->state, values, step->flow->arena, made);
        state_store(
            step->state, values, step->flow->arena,
            value_make(values, NODE_INDEX, array, value_const(values, i)),
            made);
        value_mark(step, made, is_nonblocking);
    }
}

/* Neither is it sure that nothing of the kind is done, nor that the flag is
 * there that asks for it: `F_SETFL` without `O_NONBLOCK`. */
static bool only_lacks_flag(const struct step *step,
                            const struct effect *effect)
{
    for (int i = 0; i < effect->condition_count; i++)
        if (effect->conditions[i].kind != UNLESS_ARG_HAS_FLAG &&
            eval_condition_fails(step->flow, step->state, step->site,
                                 &effect->conditions[i]))
            return false;
    return true;
}

void mode_set(const struct step *step, const struct effect *effect)
{
    bool has_it = step_conditions_may_hold(step, effect);
    node_id value =
        effect->on.base == PLACE_RESULT
            ? step_result(step)
            : eval_arg(step->flow, step->state, step->site, effect->on.arg);

    if (!has_it && !only_lacks_flag(step, effect))
        return;
    if (value && effect->kind == EFFECT_NONBLOCKING &&
        effect->on.base == PLACE_ARG && is_pointer(step, effect->on.arg))
        pair_make(step, value, has_it);
    else
        value_mark(step, value, has_it);
    if (value && has_it && effect->is_refused)
        state_store(step->state, &step->flow->values, step->flow->arena,
                    value_property(&step->flow->values, value),
                    value_const(&step->flow->values, PROPERTY_REFUSES));
}

/* Where properties are kept, or what they would be a part of. */
static bool may_hold_property(const struct flow *flow,
                              const struct state *state)
{
    for (uint32_t i = 0; i < state->store.count; i++) {
        const struct node *place =
            node_get(&flow->values, state->store.items[i].place);

        if (place->kind == NODE_MEMORY || place->kind == NODE_INDEX)
            return true;
    }
    return false;
}

static uint32_t modes_at(struct flow *flow, const struct exit_state *exit)
{
    const struct ir_fn *ir = flow->fn->ir;
    ir_id returned = flow->fn->unit->ops.items[exit->op].a;
    uint32_t modes = 0;

    if (!may_hold_property(flow, exit->state))
        return 0;
    for (uint32_t i = 0; i < ir->param_count && i < MODE_PARAMS; i++) {
        node_id place =
            value_make(&flow->values, NODE_VAR, ir->first_var + i, 0);
        node_id value = value_make(&flow->values, VALUE_INIT, place, 0);

        if (mode_is_set(exit->state, &flow->values, value))
            modes |= 1u << i;
    }
    if (returned && mode_is_set(exit->state, &flow->values,
                                eval_value(flow, exit->state, returned)))
        modes |= MODE_RESULT;
    return modes;
}

/* Whether who returns the one did what he is there for, and who returns the
 * other failed. */
static bool is_error_of(enum exit_bucket other, enum exit_bucket done)
{
    switch (done) {
    case EXIT_ZERO:
        return other != EXIT_ZERO;
    case EXIT_NONZERO:
        return other == EXIT_ZERO || other == EXIT_NEGATIVE;
    default:
        return other == EXIT_NEGATIVE;
    }
}

/* What all exits do that return alike, as long as the others are errors; and 0
 * is neither a descriptor nor a stream. */
static uint32_t modes_told(const uint32_t *all, enum exit_bucket done)
{
    uint32_t told = done == EXIT_NEGATIVE ? 0 : all[done];

    for (int other = 0; other <= EXIT_NONZERO; other++)
        if (!is_error_of((enum exit_bucket)other, done))
            told &=
                all[other] | (uint32_t)(other == EXIT_ZERO ? MODE_RESULT : 0);
    return told;
}

void mode_summarise(struct flow *flow)
{
    uint32_t all[EXIT_NONZERO + 1];
    uint32_t seen = 0;
    uint32_t modes = 0;

    for (int i = 0; i <= EXIT_NONZERO; i++)
        all[i] = UINT32_MAX;
    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct exit_state *exit = &flow->exits.items[i];

        all[exit->bucket] &= modes_at(flow, exit);
        seen |= 1u << exit->bucket;
    }
    for (int i = 0; i <= EXIT_NONZERO; i++)
        if (seen >> i & 1)
            modes |= modes_told(all, (enum exit_bucket)i);
    flow->fn->summary.modes = modes;
}

void mode_inherit(const struct step *step)
{
    uint32_t modes = step->site->callee.body->summary.modes;

    for (int i = 0; i < MODE_PARAMS; i++)
        if (modes >> i & 1)
            value_mark(step, eval_arg(step->flow, step->state, step->site, i),
                       true);
    if (modes & MODE_RESULT)
        value_mark(step, step_result(step), true);
}
