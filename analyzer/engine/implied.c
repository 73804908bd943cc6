/*
 * Answers that were kept, see implied.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/implied.h"

#include "engine/cfg.h"

enum { MOST_PARTS = 8 };

/* The one op that puts such an answer there, if only constants are put there;
 * or 0. */
static ir_id answer_find(const struct fn *fn, ir_id var, bool is_true)
{
    const struct ir_unit *unit = fn->unit;
    ir_id found = 0;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];
        const struct ir_expr *value = &unit->exprs.items[op->b];

        if (!ir_op_sets(unit, op, var))
            continue;
        if (value->kind != IR_EXPR_CONST)
            return 0;
        if ((value->value != 0) != is_true)
            continue;
        if (found)
            return 0;
        found = fn->ir->first_op + i;
    }
    return found;
}

/* A variable that nothing behind the op changes. */
static bool is_kept(const struct fn *fn, ir_id condition, ir_id op)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[condition];

    if (expr->kind != IR_EXPR_VAR)
        return false;
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        ir_id at = fn->ir->first_op + i;
        const struct ir_op *other = &unit->ops.items[at];

        if (ir_op_sets(unit, other, expr->var) && cfg_leads_to(fn, op, at))
            return false;
        for (uint32_t k = 0; k < other->args.count; k++)
            if (ir_is_var_address(unit, ir_list_at(unit, other->args, k),
                                  expr->var))
                return false;
    }
    return true;
}

/* The only edge that leads to a block, and where it begins; or NULL. */
static const struct ir_edge *way_in(const struct fn *fn, uint32_t block,
                                    uint32_t *from)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_edge *found = NULL;

    for (uint32_t i = 0; i < fn->ir->block_count; i++) {
        const struct ir_block *other = ir_block(unit, fn->ir, i);

        for (uint32_t k = 0; k < other->edge_count; k++) {
            const struct ir_edge *edge =
                &unit->edges.items[other->first_edge + k];

            if (edge->block - fn->ir->first_block != block)
                continue;
            if (found)
                return NULL;
            found = edge;
            *from = i;
        }
    }
    return found;
}

bool implied_assume(struct flow *flow, struct state *state,
                    const struct node *value, bool is_true)
{
    const struct fn *fn = flow->fn;
    const struct ir_unit *unit = fn->unit;
    const struct node *place = node_get(&flow->values, value->b);
    ir_id answer;
    uint32_t block;

    /* What holds an answer in between has no name. */
    if (place->kind != NODE_VAR || place->a >= unit->vars.count ||
        unit->vars.items[place->a].name)
        return true;
    answer = answer_find(fn, place->a, is_true);
    if (!answer)
        return true;
    block = cfg_block_of(unit, fn->ir, answer);
    for (int i = 0; i < MOST_PARTS; i++) {
        const struct ir_edge *edge = way_in(fn, block, &block);
        const struct ir_block *from = ir_block(unit, fn->ir, block);
        const struct ir_op *asked =
            &unit->ops.items[from->first_op + from->op_count - 1];

        if (!edge || (asked->kind != IR_BRANCH && edge->kind != IR_EDGE_NEXT))
            return true;
        if (asked->kind == IR_BRANCH && is_kept(fn, asked->a, answer) &&
            !eval_assume(flow, state, eval_value(flow, state, asked->a),
                         edge->kind == IR_EDGE_TRUE))
            return false;
    }
    return true;
}
