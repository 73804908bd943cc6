/*
 * What is known of the locks that ops take: their names and classes. Nearly
 * every op takes one at most, so the first has its place in an array and the
 * others, of a helper that takes two, are searched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/info.h"

struct further_info {
    ir_id op;
    uint8_t slot;
    struct lock_info lock;
};

static struct further_info *further_find(const struct flow *flow, ir_id op,
                                         uint8_t slot)
{
    for (uint32_t i = 0; i < flow->further_infos.count; i++)
        if (flow->further_infos.items[i]->op == op &&
            flow->further_infos.items[i]->slot == slot)
            return flow->further_infos.items[i];
    return NULL;
}

const struct lock_info *info_get(const struct flow *flow, ir_id op,
                                 uint8_t slot)
{
    const struct further_info *further =
        slot ? further_find(flow, op, slot) : NULL;

    return further ? &further->lock : &flow->infos[op - flow->fn->ir->first_op];
}

const struct lock_info *info_of(const struct flow *flow,
                                const struct held_lock *held)
{
    return info_get(flow, held->acquired, held->slot);
}

void info_put(struct flow *flow, ir_id op, struct lock_info info)
{
    struct further_info *further = further_find(flow, op, flow->slot);

    if (!flow->slot) {
        flow->infos[op - flow->fn->ir->first_op] = info;
        return;
    }
    if (!further) {
        further = arena_alloc(flow->arena, sizeof(*further));
        further->op = op;
        further->slot = flow->slot;
        vec_add(flow->arena, &flow->further_infos, further);
    }
    further->lock = info;
}

/* An op with more locks than there are numbers takes "many" with the last. */
void slot_next(struct flow *flow)
{
    if (flow->slot < UINT8_MAX)
        flow->slot++;
}

bool effect_is_unreadable(const struct flow *flow, const struct site *site,
                          const struct effect *effect)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct place *on = &effect->on;
    const struct ir_expr *expr;

    if (!site->callee.is_call || on->base != PLACE_ARG || on->arg < 0 ||
        (effect->kind != EFFECT_ACQUIRE && effect->kind != EFFECT_RELEASE))
        return false;
    if ((uint32_t)on->arg >= site->args.count)
        return true;
    expr = &unit->exprs.items[ir_list_at(unit, site->args, (uint32_t)on->arg)];
    if (expr->kind == IR_EXPR_ADDR)
        expr = &unit->exprs.items[expr->a];
    return expr->kind == IR_EXPR_UNKNOWN ||
           (expr->kind == IR_EXPR_CONST && !expr->value);
}
