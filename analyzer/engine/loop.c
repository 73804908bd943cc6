/*
 * Locks that loops take of each element and keep while they go on: "some are
 * held" from then on, and no path counts them. A second loop that gives them
 * back seems to be skippable; that both walk the same list is not known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/flow.h"

struct loop {
    const struct flow *flow;
    uint32_t first; /* ranks of its blocks, both included */
    uint32_t last;
};

static bool is_inside(const struct loop *loop, ir_id op)
{
    const struct fn *fn = loop->flow->fn;

    for (uint32_t i = loop->first; i <= loop->last; i++) {
        const struct ir_block *block =
            ir_block(fn->unit, fn->ir, fn->cfg->order[i]);

        if (op - block->first_op < block->op_count)
            return true;
    }
    return false;
}

static bool is_assigned(const struct loop *loop, ir_id var)
{
    const struct fn *fn = loop->flow->fn;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        ir_id op = fn->ir->first_op + i;

        if (ir_op_sets(fn->unit, &fn->unit->ops.items[op], var) &&
            is_inside(loop, op))
            return true;
    }
    return false;
}

/* Whether the expression may be another thing in the next round. */
static bool varies(const struct loop *loop, ir_id expr)
{
    const struct ir_expr *found = &loop->flow->fn->unit->exprs.items[expr];

    switch ((enum ir_expr_kind)found->kind) {
    case IR_EXPR_VAR:
        return is_assigned(loop, found->var);
    case IR_EXPR_TEMP:
        return is_inside(loop, found->op);
    case IR_EXPR_FIELD:
    case IR_EXPR_DEREF:
    case IR_EXPR_ADDR:
        return varies(loop, found->a);
    case IR_EXPR_INDEX:
        return varies(loop, found->a) || varies(loop, found->b);
    default:
        return false;
    }
}

void loop_mark_many(const struct flow *flow, struct state *state, uint32_t from,
                    uint32_t head)
{
    const struct fn *fn = flow->fn;
    const struct loop loop = {flow, fn->cfg->rank[head], fn->cfg->rank[from]};

    for (uint32_t i = 0; i < state->held.count; i++) {
        struct held_lock *held = &state->held.items[i];
        const struct site *site = site_at(flow, held->acquired);

        if (held->guard || held->is_many || !is_inside(&loop, held->acquired))
            continue;
        for (uint32_t k = 0; k < site->args.count; k++)
            held->is_many |= varies(&loop, ir_list_at(fn->unit, site->args, k));
    }
}
