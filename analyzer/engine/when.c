/*
 * Conditions of lock effects, see when.h. `if (s) lock(&s->lock)` does nothing
 * for NULL, and `if (wait) lock(&s->lock)` asks a flag; a caller that passes
 * what it knows gets the one answer or the other, and else both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/when.h"

#include "engine/path.h"

enum { MOST_FLAGS = 32 }; /* parameters that are looked at */

/* What the exits, or some of them, have in common: parameters that are not
 * zero, and parameters that are. */
struct flags {
    uint32_t set;
    uint32_t clear;
};

static bool is_zero(const struct fact *fact)
{
    return fact->low == 0 && fact->high == 0;
}

void when_used(const struct flow *flow, const struct state *state,
               struct lock_effect *effect)
{
    effect->when_param = -1;
    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        int param = path_param(flow, fact->value);

        if (param < 0)
            continue;
        effect->when_param = param;
        effect->when_low = fact->low;
        effect->when_high = fact->high;
        effect->when_nonzero = fact_excludes(fact, 0);
    }
}

bool when_is_same(const struct lock_effect *one, const struct lock_effect *two)
{
    return one->when_param == two->when_param &&
           one->when_low == two->when_low && one->when_high == two->when_high &&
           one->when_nonzero == two->when_nonzero;
}

bool when_rules_out(const struct step *step, const struct lock_effect *effect)
{
    struct flow *flow = step->flow;
    node_id value =
        effect->when_param < 0
            ? 0
            : eval_arg(flow, step->state, step->site, effect->when_param);
    struct fact fact = state_fact(step->state, &flow->values, value);

    return value &&
           (fact.high < effect->when_low || fact.low > effect->when_high ||
            (effect->when_nonzero && is_zero(&fact)));
}

/* Which pointer on the way to the lock is NULL in this state, as a bit: there
 * is no lock then; 0: none is known to be. */
static uint32_t null_on(const struct flow *flow, const struct state *state,
                        const struct path *path)
{
    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        const struct path *pointer =
            is_zero(fact) ? path_of_value(flow, fact->value, flow->arena)
                          : NULL;

        if (pointer && path_starts(path, pointer))
            return 1u << pointer->step_count;
    }
    return 0;
}

static void flags_narrow(struct flags *flags, const struct flow *flow,
                         const struct state *state)
{
    struct flags here = {0};

    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        int param = path_param(flow, fact->value);

        if (param < 0 || param >= MOST_FLAGS)
            continue;
        if (is_zero(fact))
            here.clear |= 1u << param;
        else if (fact_excludes(fact, 0))
            here.set |= 1u << param;
    }
    flags->set &= here.set;
    flags->clear &= here.clear;
}

static int lowest(uint32_t bits)
{
    int at = 0;

    while (!(bits >> at & 1))
        at++;
    return at;
}

bool when_find(const struct flow *flow, const enum at_exit *exits,
               struct lock_effect *effect)
{
    struct flags when_done = {UINT32_MAX, UINT32_MAX};
    struct flags when_not = when_done;
    bool is_always = true;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct state *state = flow->exits.items[i].state;
        uint32_t null =
            exits[i] == AT_EXIT_NOT ? null_on(flow, state, effect->path) : 0;

        effect->unless_null |= null;
        if (exits[i] == AT_EXIT_DONE)
            flags_narrow(&when_done, flow, state);
        if (exits[i] != AT_EXIT_NOT || null)
            continue;
        is_always = false;
        flags_narrow(&when_not, flow, state);
    }
    if (is_always)
        return true;
    if (when_done.set & when_not.clear) {
        effect->flag = FLAG_SET;
        effect->flag_param = lowest(when_done.set & when_not.clear);
    } else if (when_done.clear & when_not.set) {
        effect->flag = FLAG_CLEAR;
        effect->flag_param = lowest(when_done.clear & when_not.set);
    }
    return effect->flag != FLAG_ANY;
}

/* Whether there is such a lock at all, see unless_null; from here on, there
 * is. */
static bool is_there(struct step *step, const struct lock_effect *effect)
{
    struct flow *flow = step->flow;

    for (int i = 0; effect->unless_null >> i; i++) {
        struct path start = *effect->path;
        node_id pointer;

        start.step_count = i;
        if (!(effect->unless_null >> i & 1))
            continue;
        pointer = path_place(flow, step->state, step->site, &start);
        if (pointer && !eval_assume(flow, step->state, pointer, true))
            return false;
    }
    return true;
}

static node_id flag_of(const struct step *step, const struct state *state,
                       const struct lock_effect *effect)
{
    return eval_arg(step->flow, state, step->site, effect->flag_param);
}

/* Whether the flag is known to be what it must not be. */
static bool is_flagged_out(const struct step *step, const struct state *state,
                           const struct lock_effect *effect)
{
    struct fact fact =
        state_fact(state, &step->flow->values, flag_of(step, state, effect));

    if (effect->flag == FLAG_ANY)
        return false;
    return effect->flag == FLAG_SET ? is_zero(&fact) : fact_excludes(&fact, 0);
}

void when_split(const struct step *step, const struct lock_effects *effects,
                state_list *states)
{
    struct flow *flow = step->flow;

    for (uint32_t i = 0; i < effects->items.count; i++) {
        const struct lock_effect *effect = effects->items.items[i];
        uint32_t count = states->count;

        for (uint32_t k = 0; effect->flag && k < count; k++) {
            struct state *state = states->items[k];
            struct state *without = state_copy(flow->arena, state);
            node_id flag = flag_of(step, state, effect);
            bool wanted = effect->flag == FLAG_SET;

            if (is_flagged_out(step, state, effect) ||
                !eval_assume(flow, without, flag, !wanted))
                continue;
            vec_add(flow->arena, states, without);
            eval_assume(flow, state, flag, wanted);
        }
    }
}

bool when_applies(struct step *step, const struct lock_effect *effect)
{
    return !is_flagged_out(step, step->state, effect) && is_there(step, effect);
}
