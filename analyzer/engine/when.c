/*
 * Conditions of lock effects, see when.h. `if (s) lock(&s->lock)` does nothing
 * for NULL, and `if (wait) lock(&s->lock)` asks a flag; a caller that passes
 * what it knows gets the one answer or the other, and else both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/when.h"

#include "engine/flag.h"
#include "engine/path.h"

/* `if (this != that) lock(&this->lock);` */
static void differ_note(const struct flow *flow, const struct fact *fact,
                        struct lock_effect *effect)
{
    const struct node *node = node_get(&flow->values, fact->value);
    int one;
    int two;

    if (node->kind != VALUE_OPER || node->operator!= IR_EQ || !fact_is(fact, 0))
        return;
    one = path_param(flow, node->a);
    two = path_param(flow, node->b);
    if (one < 0 || two < 0)
        return;
    effect->when_differ[0] = one + 1;
    effect->when_differ[1] = two + 1;
}

void when_used(const struct flow *flow, const struct state *state,
               struct lock_effect *effect)
{
    effect->when_param = -1;
    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        int param = path_param(flow, fact->value);

        differ_note(flow, fact, effect);
        if (param < 0)
            continue;
        effect->when_param = param;
        effect->when_low = fact->low;
        effect->when_high = fact->high;
        effect->when_nonzero = fact_excludes(fact, 0);
    }
}

void when_ever(struct lock_effect *effect)
{
    effect->when_param = -1;
    effect->when_differ[0] = 0;
    effect->flag.wanted = FLAG_ANY;
}

bool when_is_ever(const struct lock_effect *effect)
{
    return effect->when_param < 0 && !effect->when_differ[0] &&
           !effect->flag.wanted;
}

bool when_is_same(const struct lock_effect *one, const struct lock_effect *two)
{
    return one->when_param == two->when_param &&
           one->when_low == two->when_low && one->when_high == two->when_high &&
           one->when_nonzero == two->when_nonzero &&
           one->when_differ[0] == two->when_differ[0] &&
           one->when_differ[1] == two->when_differ[1] &&
           flag_is_same(&one->flag, &two->flag);
}

int when_handed(const struct step *step, const struct lock_effect *effect)
{
    if (effect->when_param < 0)
        return -1;
    return path_param(step->flow, eval_arg(step->flow, step->state, step->site,
                                           effect->when_param));
}

void when_by(struct lock_effect *effect, int param,
             const struct lock_effect *theirs)
{
    effect->when_param = param;
    effect->when_low = theirs->when_low;
    effect->when_high = theirs->when_high;
    effect->when_nonzero = theirs->when_nonzero;
}

bool when_rules_out(const struct step *step, const struct lock_effect *effect)
{
    struct flow *flow = step->flow;
    struct fact fact;
    node_id value;

    if (effect->when_differ[0] &&
        eval_arg(flow, step->state, step->site, effect->when_differ[0] - 1) ==
            eval_arg(flow, step->state, step->site, effect->when_differ[1] - 1))
        return true;
    if (flag_rules_out(step, step->state, &effect->flag))
        return true;
    if (effect->when_param < 0)
        return false;
    value = eval_arg(flow, step->state, step->site, effect->when_param);
    fact = state_fact(step->state, &flow->values, value);
    return value &&
           (fact.high < effect->when_low || fact.low > effect->when_high ||
            (effect->when_nonzero && fact_is(&fact, 0)));
}

uint32_t when_null(const struct flow *flow, const struct state *state,
                   const struct path *path)
{
    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        const struct path *pointer =
            fact_is(fact, 0) ? path_of_value(flow, fact->value, flow->arena)
                             : NULL;

        if (pointer && path_starts(path, pointer))
            return 1u << pointer->step_count;
    }
    return 0;
}

bool when_always(const struct flow *flow, const enum at_exit *exits,
                 struct lock_effect *effect)
{
    bool is_always = true;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        uint32_t null =
            exits[i] == AT_EXIT_NOT
                ? when_null(flow, flow->exits.items[i].state, effect->path)
                : 0;

        effect->unless_null |= null;
        is_always = is_always && (exits[i] != AT_EXIT_NOT || null);
    }
    return is_always;
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

bool when_applies(struct step *step, const struct lock_effect *effect)
{
    return !flag_rules_out(step, step->state, &effect->flag) &&
           is_there(step, effect);
}
