/*
 * A lock is given back: which of those that are held it is, by its place, its
 * class or the way it is written, and what may have been given back where that
 * can't be told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/info.h"
#include "engine/life.h"
#include "engine/path.h"
#include "engine/question.h"
#include "engine/said.h"

static void step_release(struct step *step, int at)
{
    struct held_lock *held = &step->state->held.items[at];

    if (held->depth > 1)
        held->depth--;
    else
        state_held_remove(step->state, (uint32_t)at);
}

/* Locks in fields of different names are different ones. */
static bool is_other_field(const char *one, const char *two)
{
    const char *first = one ? strrchr(one, '.') : NULL;
    const char *second = two ? strrchr(two, '.') : NULL;

    return first && second && strcmp(first, second) != 0;
}

void any_may_be_released(const struct step *step, node_id lock,
                         const char *class)
{
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        struct held_lock *held = &step->state->held.items[i];

        if (!held->guard &&
            !(lock && place_apart(step->flow, lock, held->lock)) &&
            !is_other_field(info_of(step->flow, held)->class, class))
            held->is_many = true;
    }
}

void namesakes_may_be_released(const struct step *step, node_id lock,
                               const char *class)
{
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        struct held_lock *held = &step->state->held.items[i];
        const char *other = info_of(step->flow, held)->class;

        if (!held->guard && other &&
            (name_same_class(other, class) ||
             !path_visible(step->flow, held->lock)) &&
            !place_apart(step->flow, held->lock, lock))
            held->is_many = true;
    }
}

/* Whether two locks may be one: of a class, or one of them known by nothing but
 * its address. */
static bool may_be_one(const struct step *step, node_id lock,
                       const struct lock_info *info,
                       const struct held_lock *held)
{
    const struct values *values = &step->flow->values;
    const struct lock_info *other = info_of(step->flow, held);

    if (place_apart(step->flow, lock, held->lock) ||
        is_other_field(other->class, info->class))
        return false;
    return !path_visible(step->flow, lock) ||
           !path_visible(step->flow, held->lock) ||
           node_get(values, lock)->kind == NODE_MEMORY ||
           node_get(values, held->lock)->kind == NODE_MEMORY || !other->class ||
           name_same_class(other->class, info->class);
}

/* By another name than that by which it is given back. */
static bool may_be_held(const struct step *step, node_id lock,
                        const struct lock_info *info)
{
    const struct ir_op *op = &step->flow->fn->unit->ops.items[step->op];

    /* What a cleanup calls may stand for more than is seen of it. */
    if (step->state->met_locker || step->state->is_doubtful ||
        op->flags & IR_OP_CLEANUP)
        return true;
    if (life_may_be_held(step, lock))
        return true;
    if (life_is_local(step->flow, lock))
        return false;
    for (uint32_t i = 0; i < step->state->held.count; i++)
        if (step->state->held.items[i].depth &&
            may_be_one(step, lock, info, &step->state->held.items[i]))
            return true;
    return false;
}

/* A cleanup gives back what was given back by hand before. */
static bool is_redrop(const struct step *step, node_id lock)
{
    const struct ir_op *op = &step->flow->fn->unit->ops.items[step->op];

    return op->flags & IR_OP_CLEANUP && fate_is(step->state, lock, FATE_GIVEN);
}

/* What a parameter that points there was called with, or 0. */
static node_id given_at(const struct values *values, node_id whole)
{
    const struct node *value = node_get(values, node_get(values, whole)->a);

    return value->kind == VALUE_INIT &&
                   node_get(values, value->a)->kind == NODE_VAR
               ? value->a
               : 0;
}

/* Whether two locks of one name are parts of two things: a pointer in the one
 * leads to the other, or both were handed in. */
static bool has_gone_on(const struct values *values, node_id from, node_id to)
{
    node_id first = life_whole(values, from);
    node_id second = life_whole(values, to);

    return first != second && node_get(values, first)->kind == NODE_MEMORY &&
           node_get(values, second)->kind == NODE_MEMORY &&
           (node_has(values, second, first) ||
            (given_at(values, first) && given_at(values, second)));
}

/* The held lock that was taken by the name by which another one is given back:
 * an index or a pointer in it has changed; or -1. */
static int moved_find(const struct step *step, node_id lock,
                      const struct lock_info *info)
{
    for (uint32_t i = 0; info->name && i < step->state->held.count; i++) {
        const struct held_lock *held = &step->state->held.items[i];
        const struct lock_info *other = info_of(step->flow, held);

        if (held->depth && !held->may && !held->is_many && !held->guard &&
            !other->taken_in && other->name &&
            !strcmp(other->name, info->name) &&
            (place_apart(step->flow, held->lock, lock) ||
             has_gone_on(&step->flow->values, held->lock, lock)))
            return (int)i;
    }
    return -1;
}

static void moved_record(const struct step *step, int at,
                         const struct lock_info *info)
{
    struct event *event = record_event(step->flow, step->state, EVENT_RELEASE,
                                       step->op, step->site);

    event->lock = *info;
    event->moved++;
    event->unsure++;
    event->fate_at = step->state->held.items[at].acquired;
}

static void release_record(const struct step *step, node_id lock, int at,
                           enum lock_mode mode, const struct lock_info *info,
                           bool is_sure)
{
    const struct held_lock *held = at < 0 ? NULL : &step->state->held.items[at];
    struct event *event;

    if (at < 0 && is_sure && is_redrop(step, lock)) {
        record_redrop(step, info, fate_find(step->state, lock)->op);
        return;
    }
    event = record_event(step->flow, step->state, EVENT_RELEASE, step->op,
                         step->site);
    event->lock = *info;
    event->lock.mode = mode;
    if (at < 0) {
        bool may_be = may_be_held(step, lock, info);

        event->unsure += !is_sure || may_be;
        event->at_times += !is_sure && !may_be;
        if (is_sure)
            life_record(step, event, lock);
        return;
    }
    event->held_before++;
    event->of_callee += info_of(step->flow, held)->taken_in != NULL;
    if (mode != LOCK_EITHER && held->mode != mode && held->lock == lock &&
        !held->is_again)
        event->wrong_mode++;
}

/* A guard does not notice that its lock was given back by hand. */
static void held_release(struct step *step, node_id lock, int at)
{
    struct held_lock *held = &step->state->held.items[at];

    if (!held->guard || held->lock != lock || held->depth > 1) {
        step_release(step, at);
        return;
    }
    held->depth = 0;
    held->by_hand = step->op;
}

static bool is_known_recursive(const struct flow *flow, node_id lock)
{
    return map_find_str(&flow->program->recursive, name_class(flow, lock));
}

/* Of a recursive lock the caller may hold one more. */
static bool is_free_now(const struct step *step, node_id lock)
{
    struct flow *flow = step->flow;

    return !node_is_stale(&flow->values, lock) &&
           (!is_known_recursive(flow, lock) || life_is_local(flow, lock));
}

/* Whether a recursive lock that was given back as often as it was taken is
 * free: its callers' share of it, if they have one, the rules ask for. */
static bool is_counted_out(const struct step *step, node_id lock,
                           const struct lock_info *info)
{
    struct flow *flow = step->flow;

    return life_is_local(flow, lock) ||
           (info->is_said ? !said_by(flow->fn)
                          : is_known_recursive(flow, lock));
}

/* Whether that call is one that takes locks, if only at times. */
static bool is_taker(const struct flow *flow, ir_id op)
{
    const struct fn *body = site_at(flow, op)->callee.body;

    for (uint32_t i = 0; body && i < body->summary.locks.items.count; i++)
        if (body->summary.locks.items.items[i]->kind == LOCK_TAKES)
            return true;
    return !body;
}

bool life_give_back(struct step *step, node_id lock)
{
    const struct lock_fate *fate = fate_find(step->state, lock);

    if (!fate || fate->fate != FATE_PERHAPS)
        return false;
    if (is_taker(step->flow, fate->op))
        fate_forget(step->state, lock);
    return true;
}

/* A lock that has no path is known by how it is written: `lock_of(x)`. */
static int namesake_find(const struct step *step, node_id lock,
                         const struct lock_info *info)
{
    struct flow *flow = step->flow;

    if (!info->name || strstr(info->name, "…") || path_visible(flow, lock))
        return -1;
    for (uint32_t i = 0; i < step->state->held.count; i++) {
        const struct held_lock *held = &step->state->held.items[i];
        const char *name = info_of(flow, held)->name;

        if (held->depth && name && !strcmp(name, info->name) &&
            !path_visible(flow, held->lock))
            return (int)i;
    }
    return -1;
}

/* Nobody can say which lock of its caller's a function gives back, when it
 * goes by a name that has no path, and the function holds none such. */
static void some_given(const struct step *step, const char *class)
{
    struct flow *flow = step->flow;
    struct lock_effects *effects = &flow->fn->summary.locks;

    for (uint32_t i = 0; i < step->state->held.count; i++)
        if (!path_visible(flow, step->state->held.items[i].lock))
            return;
    effects->some_class =
        !effects->gives_some ||
                (effects->some_class && !strcmp(effects->some_class, class))
            ? class
            : NULL;
    effects->gives_some = true;
}

/* Whether a lock that is given back without being held was the caller's, who
 * is to get it back: main has none, and to give one back twice that is not
 * recursive is a mistake of this function alone. */
static bool may_be_callers(const struct step *step, node_id lock)
{
    return lock && strcmp(step->flow->fn->name, "main") != 0 &&
           (!fate_is(step->state, lock, FATE_GIVEN) ||
            is_known_recursive(step->flow, lock)) &&
           !node_is_stale(&step->flow->values, lock);
}

void step_give(struct step *step, node_id lock, enum lock_mode mode,
               const struct lock_info *info, bool is_sure)
{
    struct flow *flow = step->flow;
    int at = held_find(flow, step->state, lock, info->class);
    int moved = -1;
    bool was_recursive;
    bool was_again;
    bool was_perhaps = fate_is(step->state, lock, FATE_PERHAPS);

    if (at < 0)
        at = namesake_find(step, lock, info);
    if (is_sure && (at < 0 || step->state->held.items[at].lock != lock))
        moved = moved_find(step, lock, info);
    if (moved >= 0) {
        if (flow->is_recording)
            moved_record(step, moved, info);
        /* It may be known by both names: it is not kept, too. */
        if (moved == at)
            step_release(step, moved);
        return;
    }
    was_recursive = at >= 0 && step->state->held.items[at].is_recursive;
    was_again = at >= 0 && step->state->held.items[at].is_again;

    if (flow->is_recording)
        release_record(step, lock, at, mode, info, is_sure);
    if (at >= 0)
        held_release(step, lock, at);
    else if (!was_perhaps && may_be_callers(step, lock))
        node_list_add(&step->state->dropped, flow->arena, lock);
    if (at < 0 &&
        (node_is_stale(&flow->values, lock) || !path_visible(flow, lock))) {
        some_given(step, info->class);
        any_may_be_released(step, lock, info->class);
    }
    if (at < 0)
        namesakes_may_be_released(step, lock, info->class);
    if (!is_sure || was_again ||
        (was_recursive && !is_counted_out(step, lock, info)))
        fate_put(step->state, flow->arena, lock, FATE_PERHAPS, step->op);
    else if (was_recursive ? held_find(flow, step->state, lock, "") < 0
                           : is_free_now(step, lock))
        fate_put(step->state, flow->arena, lock, FATE_GIVEN, step->op);
    question_given_back(step->state, lock);
}

void part_release(struct step *step, node_id object)
{
    const struct values *values = &step->flow->values;
    uint32_t count = 0;
    int only = -1;

    for (uint32_t i = 0; i < step->state->held.count; i++) {
        const struct held_lock *held = &step->state->held.items[i];

        if (!held->guard && node_has(values, held->lock, object)) {
            only = (int)i;
            count++;
        }
    }
    if (count == 1)
        held_release(step, step->state->held.items[only].lock, only);
    else if (count)
        any_may_be_released(step, object, NULL);
}

void life_release(struct step *step, const struct effect *effect)
{
    struct flow *flow = step->flow;
    node_id lock =
        effect_place(flow, step->state, step->site, step->op, &effect->on);
    struct lock_info info = name_lock(flow, step->site, effect, lock);
    bool is_held = held_find(flow, step->state, lock, "") >= 0;

    /* Who ends the use of an object is given none, too. A variable that is
     * nought may have got another lock by its address meanwhile. */
    if (!effect->only_if_held && place_is_nowhere(flow, step->state, lock))
        return;
    if (effect->only_if_held && !is_held) {
        if (effect->on.base != PLACE_GLOBAL)
            any_may_be_released(step, lock, NULL);
        return;
    }
    step_give(step, lock, effect->mode, &info, true);
    /* What is held can be given back: who asks does it for form's sake. */
    if (is_held && step->is_result_used)
        step_assume(step, step->state, effect->outcome, true);
}
