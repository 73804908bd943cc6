/*
 * Kinds of locks by their use, see used_as.h. Asked for rarely, so the unit is
 * looked through each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/used_as.h"

#include <string.h>

#include "base/str.h"

/* The lock behind `&x->lock`, `x->lock` or `lock`. */
static const struct ir_expr *lock_named(const struct ir_unit *unit, ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    return expr->kind == IR_EXPR_ADDR ? &unit->exprs.items[expr->a] : expr;
}

static bool is_same_lock(const struct ir_expr *one, const struct ir_expr *two)
{
    if (one->kind != two->kind)
        return false;
    return one->kind == IR_EXPR_FIELD    ? one->field == two->field
           : one->kind == IR_EXPR_GLOBAL ? one->symbol == two->symbol
                                         : false;
}

/* `x_mutex_init` is to `x_mutex_lock` what its lock is. */
static const struct meaning *locker(const struct flow *flow, const char *name)
{
    static const char init[] = "_init";

    if (!str_ends_with(name, init))
        return model_function_find(flow->fn->view, name);
    return model_function_find(
        flow->fn->view, arena_printf(flow->arena, "%.*s_lock",
                                     (int)(strlen(name) - strlen(init)), name));
}

static const struct effect *taken(const struct meaning *meaning)
{
    for (int i = 0; meaning && i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == EFFECT_ACQUIRE)
            return &meaning->effects[i];
    return NULL;
}

/* The kind of the lock that the call takes or makes, if it is that one. */
static enum lock_kind kind_by(const struct flow *flow, const struct ir_op *op,
                              const struct ir_expr *lock)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;
    const struct effect *effect;

    for (uint32_t i = 0; symbol && i < op->args.count; i++) {
        if (!is_same_lock(lock_named(unit, ir_list_at(unit, op->args, i)),
                          lock))
            continue;
        effect = taken(
            locker(flow, ir_text(unit, unit->symbols.items[symbol].name)));
        if (effect && !effect->kind_by_type && !effect->on.field_count &&
            effect->on.base == PLACE_ARG && effect->on.arg == (int)i)
            return effect->lock;
    }
    return LOCK_UNKNOWN;
}

enum lock_kind used_as(const struct flow *flow, const struct site *site,
                       int arg)
{
    const struct ir_unit *unit = flow->fn->unit;
    enum lock_kind kind = LOCK_UNKNOWN;
    const struct ir_expr *lock;

    if (arg < 0 || (uint32_t)arg >= site->args.count)
        return LOCK_UNKNOWN;
    lock = lock_named(unit, ir_list_at(unit, site->args, (uint32_t)arg));
    for (uint32_t i = 1; i < unit->ops.count; i++) {
        enum lock_kind other = kind_by(flow, &unit->ops.items[i], lock);

        if (other == LOCK_UNKNOWN)
            continue;
        if (kind != LOCK_UNKNOWN && kind != other)
            return LOCK_UNKNOWN;
        kind = other;
    }
    return kind;
}
