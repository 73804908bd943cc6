/*
 * A call that runs one of several functions, see choice.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/choice.h"

#include "engine/flag.h"
#include "engine/inherit.h"
#include "engine/inherit_use.h"
#include "engine/life.h"
#include "engine/path.h"

/* The same at the same exits, and not by what somebody else may change. */
static bool is_alike(const struct lock_effect *one,
                     const struct lock_effect *two)
{
    return one->kind == two->kind && path_equal(one->path, two->path) &&
           one->held_buckets == two->held_buckets &&
           one->free_buckets == two->free_buckets &&
           one->unless_null == two->unless_null && !one->sometimes &&
           !two->sometimes && !one->in_guard && !two->in_guard &&
           !one->flag.memory && flag_is_same(&one->flag, &two->flag);
}

static bool has_alike(const struct fn *fn, const struct lock_effect *wanted)
{
    const struct lock_effects *effects = &fn->summary.locks;

    for (uint32_t i = 0; i < effects->items.count; i++)
        if (is_alike(effects->items.items[i], wanted))
            return true;
    return false;
}

static bool is_of_all(const struct fn_group *group,
                      const struct lock_effect *effect)
{
    for (uint32_t i = 0; i < group->count; i++)
        if (!has_alike(group->items[i], effect))
            return false;
    return true;
}

static bool is_listed(const group_move_list *list,
                      const struct lock_effect *effect)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (is_alike(list->items[i].effect, effect))
            return true;
    return false;
}

/* Where the effect belongs, or NULL: nowhere. */
static group_move_list *list_of(struct fn_group *group,
                                const struct lock_effect *effect)
{
    if (effect->kind == LOCK_TAKES || effect->kind == LOCK_GIVES)
        return &group->moves;
    return effect->kind == LOCK_USES && group->count <= FEW_CHOICES
               ? &group->uses
               : NULL;
}

void choice_moves_find(struct program *program, struct fn_group *group)
{
    if (group->has_moves)
        return;
    group->has_moves = true;
    group->leaves_some = group->gives_some = false;
    group->moves.count = group->uses.count = 0;
    for (uint32_t i = 0; i < group->count; i++) {
        struct fn *fn = group->items[i];
        const struct lock_effects *effects = &fn->summary.locks;

        group->leaves_some |= effects->leaves_some;
        group->gives_some |= effects->gives_some;
        for (uint32_t k = 0; k < effects->items.count; k++) {
            struct lock_effect *effect = effects->items.items[k];
            struct group_move move = {fn, effect, false};
            group_move_list *list = list_of(group, effect);

            if (!list || is_listed(list, effect))
                continue;
            move.by_all = is_of_all(group, effect);
            vec_add(program->arena, list, move);
        }
    }
}

/* Of a call by name, the group is of what it is given to call. */
bool choice_is_known(const struct step *step)
{
    const struct callee *callee = &step->site->callee;
    const struct ir_unit *unit = step->flow->fn->unit;

    return callee->group && !callee->body && !callee->meaning &&
           !ir_call_symbol(unit, &unit->ops.items[step->op]);
}

static void move_apply(struct step *step, const struct group_move *move,
                       state_list *out)
{
    struct lock_effect effect = *move->effect;
    struct site site = *step->site;
    struct step inside = *step;

    site.callee.body = move->fn;
    inside.site = &site;
    if (!move->by_all && effect.kind == LOCK_GIVES)
        effect.sometimes = true;
    if (!move->by_all && effect.kind == LOCK_TAKES)
        effect.held_buckets = effect.free_buckets = 1u << EXIT_ZERO;
    inherit_effect(&inside, &effect, out);
}

static void use_apply(struct step *step, const struct group_move *move)
{
    struct site site = *step->site;
    struct step inside = *step;

    site.callee.body = move->fn;
    inside.site = &site;
    inherit_retake(&inside, move->effect,
                   move->by_all ? ANSWER_MUST : ANSWER_MAY);
}

void choice_apply(struct step *step, state_list *out)
{
    struct fn_group *group = step->site->callee.group;

    if (!choice_is_known(step))
        return;
    choice_moves_find(step->flow->program, group);
    step->state->met_locker |= group->leaves_some;
    if (group->gives_some)
        any_may_be_released(step, 0, NULL);
    for (uint32_t i = 0; i < group->moves.count; i++)
        if (group->moves.items[i].effect->kind == LOCK_GIVES)
            move_apply(step, &group->moves.items[i], out);
    for (uint32_t i = 0; step->flow->is_recording && i < group->uses.count; i++)
        use_apply(step, &group->uses.items[i]);
    for (uint32_t i = 0; i < group->moves.count; i++)
        if (group->moves.items[i].effect->kind == LOCK_TAKES)
            move_apply(step, &group->moves.items[i], out);
}
