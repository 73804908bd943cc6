/*
 * What a function does to its caller's locks, gathered in the last sweep over
 * it: which are given back, which are taken and kept (and what it returns
 * then), which are taken inside, and which are not held at any suspension.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/flag.h"
#include "engine/hand.h"
#include "engine/info.h"
#include "engine/last.h"
#include "engine/life.h"
#include "engine/mode.h"
#include "engine/path.h"
#include "engine/question.h"
#include "engine/summarise.h"
#include "engine/when.h"

enum { MOST_EFFECTS = 48 }; /* a function that does more is a dispatcher */

static struct lock_effect **effect_find(struct lock_effects *effects,
                                        enum lock_effect_kind kind,
                                        const struct path *path)
{
    for (uint32_t i = 0; i < effects->items.count; i++)
        if (effects->items.items[i]->kind == kind &&
            path_equal(effects->items.items[i]->path, path))
            return &effects->items.items[i];
    return NULL;
}

/* They are listed where scratch is until it is known how many there are. */
static void effect_add(struct flow *flow, struct lock_effect *effect)
{
    struct lock_effects *effects = &flow->fn->summary.locks;

    if (effects->items.count < MOST_EFFECTS)
        vec_add(flow->arena, &effects->items, effect);
}

static struct lock_effect *effect_copy(const struct flow *flow,
                                       const struct lock_effect *effect)
{
    struct lock_effect *copy = arena_alloc(flow->program->arena, sizeof(*copy));

    *copy = *effect;
    when_keep(copy, flow->program->arena);
    return copy;
}

struct lock_effect *summarise_effect(struct flow *flow,
                                     enum lock_effect_kind kind,
                                     const struct path *path)
{
    struct lock_effects *effects = &flow->fn->summary.locks;
    struct lock_effect **found = effect_find(effects, kind, path);
    struct lock_effect effect = {.kind = kind};
    struct lock_effect *made;

    if (found || effects->items.count >= MOST_EFFECTS)
        return found ? *found : NULL;
    effect.path = path_copy(path, flow->program->arena);
    made = effect_copy(flow, &effect);
    effect_add(flow, made);
    return made;
}

static void effects_settle(struct flow *flow)
{
    struct lock_effects *effects = &flow->fn->summary.locks;
    uint32_t count = effects->items.count;
    struct lock_effect **items =
        arena_array(flow->program->arena, count, sizeof(struct lock_effect *));

    if (count)
        memcpy(items, effects->items.items, count * sizeof(*items));
    effects->items.items = items;
    effects->items.capacity = count;
}

static bool is_at(const struct flow *flow, node_id lock,
                  const struct path *path)
{
    const struct path *found = path_visible(flow, lock);

    return found && path_equal(found, path);
}

static bool is_dropped(const struct flow *flow, const struct state *state,
                       const struct path *path)
{
    for (uint32_t i = 0; i < state->dropped.count; i++)
        if (is_at(flow, state->dropped.items[i], path))
            return true;
    return false;
}

static bool is_let_go(const struct flow *flow, const struct state *state,
                      const struct path *path)
{
    for (uint32_t i = 0; i < state->fates.count; i++)
        if (state->fates.items[i].fate == FATE_DROPPED &&
            is_at(flow, state->fates.items[i].lock, path))
            return true;
    return false;
}

static void excursions_begin(struct flow *flow, const struct state *waiting,
                             enum lock_effect_kind kind)
{
    for (uint32_t i = 0; i < waiting->dropped.count; i++) {
        const struct path *path = path_visible(flow, waiting->dropped.items[i]);

        if (path)
            summarise_effect(flow, kind, path);
    }
    for (uint32_t i = 0; i < waiting->fates.count; i++) {
        const struct lock_fate *fate = &waiting->fates.items[i];
        const struct path *path =
            fate->fate == FATE_DROPPED ? path_visible(flow, fate->lock) : NULL;
        struct lock_effect *effect =
            path ? summarise_effect(flow, kind, path) : NULL;

        if (effect)
            effect->in_guard = true;
    }
}

void summarise_wait(struct flow *flow, const struct state *waiting,
                    enum lock_effect_kind kind)
{
    struct lock_effects *effects = &flow->fn->summary.locks;
    bool *is_seen = kind == LOCK_EXCURSION ? &effects->suspends_seen
                                           : &effects->blocks_seen;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < effects->items.count; i++) {
        struct lock_effect *effect = effects->items.items[i];

        if (effect->kind != kind ||
            (effect->in_guard ? is_let_go(flow, waiting, effect->path)
                              : is_dropped(flow, waiting, effect->path)))
            effects->items.items[kept++] = effect;
    }
    effects->items.count = kept;
    if (!*is_seen)
        excursions_begin(flow, waiting, kind);
    *is_seen = true;
}

static bool same_lock(const struct lock_info *one, const struct lock_info *two)
{
    return one->taken_in == two->taken_in && one->taken_at == two->taken_at &&
           one->kind == two->kind && one->mode == two->mode &&
           one->is_recursive == two->is_recursive &&
           one->is_try == two->is_try &&
           one->is_parameter == two->is_parameter &&
           one->is_local == two->is_local &&
           str_is_same(one->name, two->name) &&
           str_is_same(one->class, two->class) &&
           str_is_same(one->instance, two->instance);
}

/* Nothing differs but the op, which is of interest where it is taken only. */
static bool same_use(const struct lock_effect *one,
                     const struct lock_effect *two)
{
    return one->lock.taken_in && two->kind == LOCK_USES &&
           one->after_drop == two->after_drop && one->at_last == two->at_last &&
           when_is_same(one, two) && path_equal(one->path, two->path) &&
           same_lock(&one->lock, &two->lock);
}

void summarise_use(struct flow *flow, const struct state *state,
                   const struct lock_use *use)
{
    struct lock_effects *effects = &flow->fn->summary.locks;
    const struct path *path =
        use->path ? use->path : path_visible(flow, use->lock);
    struct lock_effect made = {
        .kind = LOCK_USES,
        .path = path,
        .op = use->op,
        .lock = *use->info,
        .at_last = last_has(flow->fn, use->op) ||
                   (use->theirs && use->theirs->at_last),
        .after_drop = state->dropped.count > 0,
        .flag = use->flag.wanted ? use->flag : flag_here(flow, state),
    };
    struct lock_effect **known;

    if (!path || is_dropped(flow, state, path))
        return;
    when_used(flow, state, &made);
    known = effect_find(effects, LOCK_USES, path);
    if (known && (*known)->at_last != made.at_last) {
        made.path = (*known)->path;
        if (!made.at_last)
            *known = effect_copy(flow, &made);
    } else if (known && !when_is_ever(*known) && !when_is_same(*known, &made)) {
        *known = effect_copy(flow, *known);
        when_common(*known, &made);
    } else if (!known && use->theirs && same_use(&made, use->theirs)) {
        effect_add(flow, use->theirs);
    } else if (!known && effects->items.count < MOST_EFFECTS) {
        made.path = use->path ? path : path_copy(path, flow->program->arena);
        effect_add(flow, effect_copy(flow, &made));
    }
}

/* A lock that is held on the way out, by hand or by the guard returned. */
static bool is_returned(struct flow *flow, const struct exit_state *exit,
                        const struct held_lock *held)
{
    ir_id value = flow->fn->unit->ops.items[exit->op].a;

    return value && held->guard == eval_value(flow, exit->state, value);
}

static bool is_handed_on(struct flow *flow, const struct exit_state *exit,
                         const struct held_lock *held)
{
    if (!held->depth || held->may || held->is_again)
        return false;
    return !held->guard || is_returned(flow, exit, held) ||
           hand_left_at(flow, exit->state, held->guard);
}

/* How the caller reaches a lock that it gets locked: from what it gave, or from
 * what it is given. */
static const struct path *
handed_path(struct flow *flow, const struct exit_state *exit, node_id lock)
{
    const struct path *path = path_visible(flow, lock);
    ir_id value = flow->fn->unit->ops.items[exit->op].a;

    if (path || !value || !lock)
        return path;
    return path_from_result(flow, lock, eval_value(flow, exit->state, value),
                            flow->arena);
}

static bool is_held_at(struct flow *flow, const struct exit_state *exit,
                       const struct path *path)
{
    for (uint32_t i = 0; i < exit->state->held.count; i++) {
        const struct path *held =
            handed_path(flow, exit, exit->state->held.items[i].lock);

        if (held && path_equal(held, path))
            return true;
    }
    return false;
}

/* What a lock that is only given back is called: by its class. */
static struct lock_info info_of_path(const struct path *path)
{
    const struct path_step *last =
        path->step_count ? &path->steps[path->step_count - 1] : NULL;
    const char *class = path->global ? path->global : "";

    if (last && last->kind == STEP_FIELD)
        class = last->class;
    return (struct lock_info){.name = class, .class = class};
}

/* What only doubted paths give back, others do not. */
static void exit_summarise(struct flow *flow, const struct exit_state *exit)
{
    bool is_sure = question_is_believed(flow, exit->state);

    for (uint32_t i = 0; is_sure && i < exit->state->dropped.count; i++) {
        const struct path *path =
            path_visible(flow, exit->state->dropped.items[i]);

        struct lock_effect *effect =
            path ? summarise_effect(flow, LOCK_GIVES, path) : NULL;

        if (effect)
            effect->lock = info_of_path(path);
    }
    /* `foo_lock()` whose body calls what is not seen. */
    if (exit->state->met_locker && life_is_locker(flow->fn->name))
        flow->fn->summary.locks.leaves_some = true;
    for (uint32_t i = 0; i < exit->state->held.count; i++) {
        const struct held_lock *held = &exit->state->held.items[i];
        const struct path *path = is_handed_on(flow, exit, held)
                                      ? handed_path(flow, exit, held->lock)
                                      : NULL;
        struct lock_effect *effect =
            path ? summarise_effect(flow, LOCK_TAKES, path) : NULL;

        if (!path && held->depth && !life_is_local(flow, held->lock))
            flow->fn->summary.locks.leaves_some = true;
        if (!effect)
            continue;
        effect->op = held->acquired;
        effect->lock = *info_of(flow, held);
        effect->lock.kind = held->kind;
        effect->lock.mode = held->mode;
        effect->lock.is_recursive = held->is_recursive;
        effect->in_guard = held->guard != 0;
        if (held->guard && !is_returned(flow, exit, held))
            effect->guard_path =
                path_copy(hand_left_at(flow, exit->state, held->guard),
                          flow->program->arena);
        effect->held_buckets |= 1u << exit->bucket;
    }
}

static enum lock_effect_kind kind_of_fate(uint8_t fate)
{
    if (fate == FATE_DROPPED)
        return LOCK_DROPS;
    return fate == FATE_MADE ? LOCK_MAKES : LOCK_DESTROYS;
}

/* What is made or destroyed wherever the function returns. */
static void fates_summarise(struct flow *flow)
{
    const struct state *first =
        flow->exits.count ? flow->exits.items[0].state : NULL;

    for (uint32_t i = 0; first && i < first->fates.count; i++) {
        const struct lock_fate *fate = &first->fates.items[i];
        const struct path *path = path_visible(flow, fate->lock);
        struct lock_effect *effect;
        bool is_sure = fate->fate == FATE_MADE ||
                       fate->fate == FATE_DESTROYED ||
                       fate->fate == FATE_DROPPED;

        for (uint32_t k = 1; is_sure && k < flow->exits.count; k++) {
            const struct lock_fate *other =
                fate_find(flow->exits.items[k].state, fate->lock);

            is_sure = other && other->fate == fate->fate;
        }
        if (!is_sure || !path)
            continue;
        effect = summarise_effect(flow, kind_of_fate(fate->fate), path);
        if (effect) {
            effect->lock = info_of_path(path);
            effect->lock.is_recursive =
                map_find_str(&flow->program->recursive,
                             name_class(flow, fate->lock)) != NULL;
            effect->op = fate->op;
        }
    }
}

/* Nobody can tell when, but perhaps when not: by a flag that is the same at all
 * exits where it is done, be it so at others, too. */
static void sometimes_summarise(const struct flow *flow,
                                struct lock_effect *effect, enum at_exit *exits)
{
    effect->sometimes = true;
    for (uint32_t i = 0; i < flow->exits.count; i++)
        if (exits[i] == AT_EXIT_NOT)
            exits[i] = AT_EXIT_OTHER;
    flag_find(flow, exits, effect, false);
}

/* At some exits only: if neither a flag nor the result says when, nobody can
 * tell; mostly both do. Or what is given back may be what a callee took by
 * another name. */
static void gives_summarise(const struct flow *flow, struct lock_effect *effect)
{
    enum at_exit *exits =
        arena_array(flow->arena, flow->exits.count, sizeof(*exits));
    bool met_locker = false;
    bool by_flag;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct state *state = flow->exits.items[i].state;

        met_locker = met_locker || state->met_locker;
        exits[i] =
            is_dropped(flow, state, effect->path) ? AT_EXIT_DONE : AT_EXIT_NOT;
    }
    effect->sometimes = met_locker;
    if (when_always(flow, exits, effect))
        return;
    by_flag = flag_find(flow, exits, effect, false);
    if (!when_result_tells(flow, exits, effect) && !by_flag &&
        !flag_find(flow, exits, effect, true))
        sometimes_summarise(flow, effect, exits);
}

static bool may_make(const struct callee *callee)
{
    const struct meaning *meaning = callee->meaning;

    if (!meaning)
        return callee->body ? callee->body->summary.locks.makes
                            : callee->is_call;
    return meaning_has(meaning, EFFECT_LOCK_INIT) ||
           meaning_has(meaning, EFFECT_LOCK_DESTROY) ||
           meaning_has(meaning, EFFECT_FREE);
}

/* A getter: what it returns is one and the same thing of its caller's. */
static void returns_summarise(struct flow *flow)
{
    const struct path *returned = NULL;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct exit_state *exit = &flow->exits.items[i];
        ir_id value = flow->fn->unit->ops.items[exit->op].a;
        const struct path *path =
            value ? path_of_value(flow, eval_value(flow, exit->state, value),
                                  flow->arena)
                  : NULL;

        if (!path || (returned && !path_equal(returned, path)))
            return;
        returned = path;
    }
    flow->fn->summary.returns =
        returned ? path_copy(returned, flow->program->arena) : NULL;
}

/* Not got for an error that the function reports and then ignores: its callers
 * believe that they have it. */
static bool is_ignored_error(const struct flow *flow,
                             const struct exit_state *exit,
                             const struct lock_effect *effect)
{
    if (effect->lock.is_try || !(effect->held_buckets >> exit->bucket & 1))
        return false;
    for (uint32_t i = 0; i < exit->state->fates.count; i++) {
        const struct lock_fate *fate = &exit->state->fates.items[i];
        const struct path *path =
            fate->fate == FATE_REFUSED ? path_visible(flow, fate->lock) : NULL;

        if (path && path_equal(path, effect->path))
            return true;
    }
    return false;
}

/* At which exits the lock is not held, though the function is one that takes
 * it; those that return alike may be told apart by what it was given. */
static void takes_summarise(struct flow *flow, struct lock_effect *effect)
{
    enum at_exit *exits =
        arena_array(flow->arena, flow->exits.count, sizeof(*exits));
    uint32_t alike = 0;

    for (uint32_t i = 0; i < flow->exits.count; i++) {
        const struct exit_state *exit = &flow->exits.items[i];
        uint32_t bucket = 1u << exit->bucket;

        exits[i] = AT_EXIT_OTHER;
        if (is_held_at(flow, exit, effect->path))
            exits[i] = AT_EXIT_DONE;
        else if (is_ignored_error(flow, exit, effect))
            continue;
        else if (!(effect->held_buckets & bucket))
            effect->free_buckets |= bucket;
        else
            exits[i] = AT_EXIT_NOT;
        alike |= exits[i] == AT_EXIT_NOT ? bucket : 0;
    }
    if (!when_always(flow, exits, effect) &&
        !flag_find(flow, exits, effect, false) &&
        !flag_find(flow, exits, effect, true))
        effect->free_buckets |= alike;
}

void summarise_exits(struct flow *flow)
{
    struct lock_effects *effects = &flow->fn->summary.locks;

    flow->fn->summary.never_returns |= !flow->returns;
    flow->fn->summary.skips_cleanups &= !flow->returns;
    for (uint32_t i = 0; i < flow->fn->ir->op_count; i++)
        effects->makes = effects->makes || may_make(&flow->sites[i].callee);
    fates_summarise(flow);
    hand_made_summarise(flow);
    returns_summarise(flow);
    mode_summarise(flow);
    for (uint32_t i = 0; i < flow->exits.count; i++)
        exit_summarise(flow, &flow->exits.items[i]);
    for (uint32_t i = 0; i < effects->items.count; i++) {
        struct lock_effect *effect = effects->items.items[i];

        if (effect->kind == LOCK_GIVES)
            gives_summarise(flow, effect);
        if (effect->kind == LOCK_TAKES)
            takes_summarise(flow, effect);
    }
    effects_settle(flow);
}
