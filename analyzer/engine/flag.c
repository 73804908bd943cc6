/*
 * Flags that decide what is done to a lock, see flag.h. They are looked for
 * where the function returns: what is known there of the same flag differs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/flag.h"

#include "engine/path.h"
#include "engine/question.h"
#include "engine/written.h"

enum flag_answer { FLAG_UNKNOWN, FLAG_IS_SET, FLAG_IS_CLEAR };

/* By which path the callers know it, or what it is some bits of. */
static const struct path *flag_path(const struct flow *flow, node_id value,
                                    int64_t *mask)
{
    return path_of_value(flow, value_of_bits(&flow->values, value, mask),
                         flow->arena);
}

/* What a state knows of the flag. In a loop what is kept there has another
 * number, so it is looked for by its path. */
static enum flag_answer flag_answer(const struct flow *flow,
                                    const struct state *state,
                                    const struct flag *flag)
{
    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        const struct path *path;
        int64_t mask;

        if (!fact_is(fact, flag->nought) && !fact_excludes(fact, flag->nought))
            continue;
        path = flag_path(flow, fact->value, &mask);
        if (path && mask == flag->mask && path_equal(path, flag->path))
            return fact_is(fact, flag->nought) ? FLAG_IS_CLEAR : FLAG_IS_SET;
    }
    return FLAG_UNKNOWN;
}

/* Whether the exits differ by this flag: FLAG_SET, done where it is set. */
static enum flag_condition flag_decides(const struct flow *flow,
                                        const enum at_exit *exits,
                                        const struct lock_effect *effect,
                                        const struct flag *flag)
{
    enum flag_answer when_done = FLAG_UNKNOWN;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct state *state = flow->exits.items[i].state;
        enum flag_answer answer;

        if (exits[i] == AT_EXIT_OTHER ||
            (exits[i] == AT_EXIT_NOT && when_null(flow, state, effect->path)))
            continue;
        answer = flag_answer(flow, state, flag);
        if (answer == FLAG_UNKNOWN)
            return FLAG_ANY;
        if (exits[i] == AT_EXIT_NOT)
            answer = answer == FLAG_IS_SET ? FLAG_IS_CLEAR : FLAG_IS_SET;
        if (when_done != FLAG_UNKNOWN && answer != when_done)
            return FLAG_ANY;
        when_done = answer;
    }
    return when_done == FLAG_IS_SET ? FLAG_SET : FLAG_CLEAR;
}

static const struct exit_state *exit_find(const struct flow *flow,
                                          const enum at_exit *exits,
                                          enum at_exit wanted)
{
    for (uint32_t i = 0; i < flow->exits.count; i++)
        if (exits[i] == wanted)
            return &flow->exits.items[i];
    return NULL;
}

/* What may be changed in here is no flag. */
static bool is_flag(const struct flow *flow, const struct path *path,
                    bool of_memory, struct flag *flag)
{
    flag->path = path;
    flag->memory = NULL;
    if (!of_memory)
        return path->param >= 0 && !path->step_count;
    flag->memory = written_name(flow->program, path, flow->arena);
    return flag->memory && !written_in(flow->program, flag->memory, flow->fn);
}

static void flag_try(const struct flow *flow, const enum at_exit *exits,
                     struct lock_effect *effect, struct flag flag)
{
    flag.wanted = flag_decides(flow, exits, effect, &flag);
    if (flag.wanted &&
        (!effect->flag.wanted || effect->flag.path->param > flag.path->param))
        effect->flag = flag;
}

bool flag_find(const struct flow *flow, const enum at_exit *exits,
               struct lock_effect *effect, bool of_memory)
{
    const struct exit_state *done = exit_find(flow, exits, AT_EXIT_DONE);

    for (uint32_t i = 0; done && i < done->state->facts.count; i++) {
        const struct fact *fact = &done->state->facts.items[i];
        struct flag flag = {0};
        const struct path *path = flag_path(flow, fact->value, &flag.mask);

        if (!path || !is_flag(flow, path, of_memory, &flag))
            continue;
        flag_try(flow, exits, effect, flag);
        /* `switch (mode)`: one of its numbers, or all but that one. */
        flag.nought = fact->low;
        if (!of_memory && fact->low == fact->high)
            flag_try(flow, exits, effect, flag);
        for (uint8_t k = 0; !of_memory && k < fact->excluded_count; k++) {
            flag.nought = fact->excluded[k];
            flag_try(flow, exits, effect, flag);
        }
    }
    if (effect->flag.wanted)
        effect->flag.path = path_copy(effect->flag.path, flow->program->arena);
    return effect->flag.wanted;
}

struct flag flag_here(const struct flow *flow, const struct state *state)
{
    struct flag flag = {.wanted = FLAG_ANY};

    for (uint32_t i = 0; i < state->facts.count; i++) {
        const struct fact *fact = &state->facts.items[i];
        const struct path *path;

        if (!fact_is(fact, 0) && !fact_excludes(fact, 0))
            continue;
        path = flag_path(flow, fact->value, &flag.mask);
        if (path && is_flag(flow, path, true, &flag)) {
            flag.wanted = fact_is(fact, 0) ? FLAG_CLEAR : FLAG_SET;
            flag.path = path_copy(path, flow->program->arena);
            return flag;
        }
    }
    return (struct flag){.wanted = FLAG_ANY};
}

static node_id whole_of(const struct step *step, const struct state *state,
                        const struct flag *flag)
{
    return path_place(step->flow, state, step->site, flag->path);
}

static node_id value_of(const struct step *step, const struct state *state,
                        const struct flag *flag)
{
    node_id whole = whole_of(step, state, flag);

    return whole ? value_bits(&step->flow->values, whole, flag->mask) : 0;
}

bool flag_is_vague(const struct step *step, const struct flag *flag)
{
    node_id value;

    if (!flag->wanted)
        return false;
    value = value_of(step, step->state, flag);
    return !value || node_is_stale(&step->flow->values, value) ||
           (flag->memory &&
            written_in(step->flow->program, flag->memory, step->flow->fn));
}

bool flag_contradicts(const struct step *step, const struct state *state,
                      const struct flag *flag)
{
    node_id value = flag->wanted ? value_of(step, state, flag) : 0;
    struct fact fact;

    if (!value || node_is_stale(&step->flow->values, value))
        return false;
    fact = state_fact(state, &step->flow->values, value);
    return flag->wanted == FLAG_SET ? fact_is(&fact, flag->nought)
                                    : fact_excludes(&fact, flag->nought);
}

bool flag_rules_out(const struct step *step, const struct state *state,
                    const struct flag *flag)
{
    return !flag_is_vague(step, flag) && flag_contradicts(step, state, flag);
}

struct flag flag_handed(const struct step *step, const struct flag *flag)
{
    struct flow *flow = step->flow;
    struct flag handed = *flag;

    if (!flag->wanted || flag_is_vague(step, flag))
        return (struct flag){.wanted = FLAG_ANY};
    if (flag->path->param == PATH_GLOBAL)
        return handed;
    handed.path =
        path_of_value(flow, whole_of(step, step->state, flag), flow->arena);
    if (!handed.path)
        return (struct flag){.wanted = FLAG_ANY};
    handed.path = path_copy(handed.path, flow->program->arena);
    return handed;
}

bool flag_is_same(const struct flag *one, const struct flag *two)
{
    return one->wanted == two->wanted &&
           (!one->wanted ||
            (one->mask == two->mask && one->nought == two->nought &&
             path_equal(one->path, two->path)));
}

/* That the flag is what it is, or what it is not. What a loop makes us forget
 * is still the answer that was given before it. */
static bool flag_assume(const struct step *step, struct state *state,
                        const struct flag *flag, bool is_wanted)
{
    struct flow *flow = step->flow;
    bool is_set = is_wanted == (flag->wanted == FLAG_SET);
    node_id value = value_of(step, state, flag);
    bool is_possible;

    if (!flag->nought)
        is_possible = eval_assume(flow, state, value, is_set);
    else if (is_set)
        is_possible = state_assume_not(state, &flow->values, flow->arena, value,
                                       flag->nought);
    else
        is_possible = state_assume_range(state, &flow->values, flow->arena,
                                         value, flag->nought, flag->nought);
    if (!is_possible)
        return false;
    if (flag->memory)
        question_flagged(step, state, flag->path, flag->mask, is_set);
    return true;
}

void flag_split(const struct step *step, const struct lock_effects *effects,
                state_list *states)
{
    struct flow *flow = step->flow;

    for (uint32_t i = 0; i < effects->items.count; i++) {
        const struct lock_effect *effect = effects->items.items[i];
        const struct flag *flag = &effect->flag;
        uint32_t count = states->count;

        if (!flag->wanted || effect->kind == LOCK_USES || effect->sometimes ||
            flag_is_vague(step, flag))
            continue;
        for (uint32_t k = 0; k < count; k++) {
            struct state *state = states->items[k];
            struct state *without = state_copy(flow->arena, state);

            if (flag_rules_out(step, state, flag) ||
                !flag_assume(step, without, flag, false))
                continue;
            vec_add(flow->arena, states, without);
            flag_assume(step, state, flag, true);
        }
    }
}
