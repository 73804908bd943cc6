/*
 * Conditions of lock effects, see when.h. `if (s) lock(&s->lock)` does nothing
 * for NULL, and `if (wait) lock(&s->lock)` asks a flag; a caller that passes
 * what it knows gets the one answer or the other, and else both.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/when.h"

#include <string.h>

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

/* The parameter that a value was found in: it points to it, or to a record, and
 * the value is what a field of that was when the function began; or -1. */
static int pointed_from(const struct flow *flow, node_id value)
{
    const struct values *values = &flow->values;
    const struct node *node = node_get(values, value);

    if (node->kind != VALUE_INIT)
        return -1;
    node = node_get(values, node->a);
    if (node->kind == NODE_FIELD)
        node = node_get(values, node->a);
    return node->kind == NODE_MEMORY ? path_param(flow, node->a) : -1;
}

/* Of a value that is a parameter as it came, or was found in one. */
static bool when_read(const struct flow *flow, const struct fact *fact,
                      bool of_fields, struct lock_when *when)
{
    node_id value = value_of_bits(&flow->values, fact->value, &when->mask);

    when->param =
        of_fields ? pointed_from(flow, value) : path_param(flow, value);
    if (when->param < 0)
        return false;
    when->field = of_fields ? path_of_value(flow, value, flow->arena) : NULL;
    when->low = fact->low;
    when->high = fact->high;
    when->nonzero = fact_excludes(fact, 0);
    if (fact->excluded_count)
        when->other_than = fact->excluded[fact->excluded_count - 1];
    return true;
}

/* What is known last is kept. */
static void when_add(struct lock_effect *effect, const struct lock_when *when)
{
    if (effect->when_count == MOST_WHENS)
        memmove(effect->whens, effect->whens + 1,
                (size_t)--effect->when_count * sizeof(*when));
    effect->whens[effect->when_count++] = *when;
}

void when_used(const struct flow *flow, const struct state *state,
               struct lock_effect *effect)
{
    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        struct lock_when when = {0};

        differ_note(flow, fact, effect);
        if (when_read(flow, fact, false, &when))
            when_add(effect, &when);
    }
    /* Fields are many, and seldom asked. */
    for (uint32_t i = 0;
         effect->when_count < MOST_WHENS && i < state->facts.count; i++) {
        struct lock_when when = {0};

        if (when_read(flow, &state->facts.items[i], true, &when))
            when_add(effect, &when);
    }
}

void when_keep(struct lock_effect *effect, struct arena *arena)
{
    for (int i = 0; i < effect->when_count; i++)
        if (effect->whens[i].field)
            effect->whens[i].field = path_copy(effect->whens[i].field, arena);
}

bool when_is_ever(const struct lock_effect *effect)
{
    return !effect->when_count && !effect->when_differ[0] &&
           !effect->flag.wanted;
}

static bool when_equal(const struct lock_when *one, const struct lock_when *two)
{
    return one->param == two->param && one->mask == two->mask &&
           one->low == two->low && one->high == two->high &&
           one->nonzero == two->nonzero && one->other_than == two->other_than &&
           !one->field == !two->field &&
           (!one->field || path_equal(one->field, two->field));
}

static bool has_when(const struct lock_effect *effect,
                     const struct lock_when *when)
{
    for (int i = 0; i < effect->when_count; i++)
        if (when_equal(&effect->whens[i], when))
            return true;
    return false;
}

void when_common(struct lock_effect *effect, const struct lock_effect *other)
{
    int count = 0;

    for (int i = 0; i < effect->when_count; i++)
        if (has_when(other, &effect->whens[i]))
            effect->whens[count++] = effect->whens[i];
    effect->when_count = count;
    if (effect->when_differ[0] != other->when_differ[0] ||
        effect->when_differ[1] != other->when_differ[1])
        effect->when_differ[0] = effect->when_differ[1] = 0;
    if (!flag_is_same(&effect->flag, &other->flag))
        effect->flag.wanted = FLAG_ANY;
}

bool when_is_same(const struct lock_effect *one, const struct lock_effect *two)
{
    for (int i = 0; i < one->when_count && i < two->when_count; i++)
        if (!when_equal(&one->whens[i], &two->whens[i]))
            return false;
    return one->when_count == two->when_count &&
           one->when_differ[0] == two->when_differ[0] &&
           one->when_differ[1] == two->when_differ[1] &&
           flag_is_same(&one->flag, &two->flag);
}

/* False: it is not so. */
static bool when_assume(const struct step *step, struct state *state,
                        const struct lock_when *when)
{
    struct flow *flow = step->flow;
    struct values *values = &flow->values;
    node_id value = when->field
                        ? path_place(flow, step->state, step->site, when->field)
                        : eval_arg(flow, step->state, step->site, when->param);

    if (!value || (when->field && node_is_stale(values, value)))
        return true;
    value = value_bits(values, value, when->mask);
    if (when->low == 0 && when->high == 0)
        return eval_assume(flow, state, value, false);
    return (!when->nonzero || eval_assume(flow, state, value, true)) &&
           (!when->other_than || state_assume_not(state, values, flow->arena,
                                                  value, when->other_than)) &&
           state_assume_range(state, values, flow->arena, value, when->low,
                              when->high);
}

const struct state *when_used_by(const struct step *step,
                                 const struct lock_effect *effect)
{
    struct flow *flow = step->flow;
    struct state *there;

    if (effect->when_differ[0] &&
        eval_arg(flow, step->state, step->site, effect->when_differ[0] - 1) ==
            eval_arg(flow, step->state, step->site, effect->when_differ[1] - 1))
        return NULL;
    if (flag_contradicts(step, step->state, &effect->flag))
        return NULL;
    if (!effect->when_count)
        return step->state;
    there = state_copy(flow->arena, step->state);
    for (int i = 0; i < effect->when_count; i++)
        if (!when_assume(step, there, &effect->whens[i]))
            return NULL;
    return there;
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

/* Any number but nought may be negative, too. */
bool when_result_tells(const struct flow *flow, const enum at_exit *exits,
                       struct lock_effect *effect)
{
    const uint32_t failed = 1u << EXIT_NEGATIVE | 1u << EXIT_NONZERO;
    uint32_t given = 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < flow->exits.count; i++)
        *(exits[i] == AT_EXIT_DONE ? &given : &kept) |=
            1u << flow->exits.items[i].bucket;
    if (given & kept || (given & failed && kept & failed) ||
        (given | kept) & ~(failed | 1u << EXIT_ZERO))
        return false;
    effect->free_buckets = given;
    effect->held_buckets = kept;
    return true;
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
