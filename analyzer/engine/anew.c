/*
 * Asked once more under a lock, see anew.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/anew.h"

/* A callee may do so by a flag. */
static bool takes_lock(const struct site *site)
{
    return site->callee.meaning &&
           meaning_has(site->callee.meaning, EFFECT_ACQUIRE);
}

static bool block_takes(const struct flow *flow, const struct ir_block *block)
{
    for (ir_id op = block->first_op; op < block->first_op + block->op_count;
         op++) {
        uint32_t kind = flow->fn->unit->ops.items[op].kind;

        if ((kind == IR_CALL || kind == IR_MACRO_BEGIN) &&
            takes_lock(site_at(flow, op)))
            return true;
    }
    return false;
}

/* The place that `x`, `!x` or `x == 1` asks for, if others know it; or 0. */
static ir_id place_asked(const struct flow *flow, ir_id id)
{
    const struct ir_expr *expr = flow_expr(flow, id);

    while (expr->kind == IR_EXPR_UNARY ||
           (expr->kind == IR_EXPR_BINARY &&
            flow_expr(flow, expr->b)->kind == IR_EXPR_CONST)) {
        id = expr->a;
        expr = flow_expr(flow, id);
    }
    if (expr->kind == IR_EXPR_GLOBAL ||
        (expr->kind == IR_EXPR_FIELD &&
         flow_expr(flow, expr->a)->kind != IR_EXPR_VAR))
        return id;
    return 0;
}

static bool is_settled(struct flow *flow, const struct state *state, ir_id id)
{
    struct state *one = state_copy(flow->arena, state);
    struct state *other = state_copy(flow->arena, state);
    node_id value = eval_value(flow, state, id);

    return !eval_assume(flow, one, value, true) ||
           !eval_assume(flow, other, value, false);
}

void anew_asked(struct flow *flow, struct state *state,
                const struct ir_block *block)
{
    ir_id last = block->first_op + block->op_count - 1;
    ir_id asked = flow->fn->unit->ops.items[last].a;
    ir_id place = place_asked(flow, asked);
    node_id now;

    if (!place || !block_takes(flow, block) || !is_settled(flow, state, asked))
        return;
    now = value_make(&flow->values, VALUE_RESULT, last, WRITTEN_ARGS);
    state_age(state, &flow->values, flow->arena, now);
    state_store(state, &flow->values, flow->arena,
                eval_place(flow, state, place), now);
}
