/*
 * Conditions on calls, see told.h. Which blocks lie behind them: those that one
 * edge leads to only, from a block that asks or lies behind one that does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/told.h"

#include "engine/cfg.h"

/* A lock that lies in what the callee is given; of those that lie elsewhere,
 * most functions of some programs take one, far below. */
static bool uses_locks(const struct callee *callee)
{
    const struct lock_effects *locks;

    if (callee->meaning || !callee->body)
        return false;
    locks = &callee->body->summary.locks;
    for (uint32_t i = 0; i < locks->items.count; i++)
        if (locks->items.items[i]->path->param >= 0)
            return true;
    return false;
}

static bool is_any_user(const struct flow *flow, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        if (uses_locks(&flow->sites[i].callee))
            return true;
    return false;
}

/* What a function asks of that its callers may know: what it is given, what is
 * kept there, and globals. */
struct asking {
    const struct flow *flow;
    bool *is_kept;  /* by variable: it has been given some of that */
    bool *is_told;  /* by block: only who asked gets there */
    uint32_t *into; /* by block: edges that lead there */
};

static bool is_known(const struct asking *asking, ir_id id)
{
    const struct fn *fn = asking->flow->fn;
    const struct ir_expr *expr = &fn->unit->exprs.items[id];

    while (ir_expr_has_first(expr))
        expr = &fn->unit->exprs.items[expr->a];
    return expr->kind == IR_EXPR_GLOBAL ||
           (expr->kind == IR_EXPR_VAR &&
            (ir_param(fn->ir, expr->var) >= 0 ||
             asking->is_kept[expr->var - fn->ir->first_var]));
}

/* `bool is_locked = options->is_locked;`, to be asked later. */
static void known_keep(struct asking *asking, const struct ir_op *op)
{
    const struct fn *fn = asking->flow->fn;
    const struct ir_expr *place = &fn->unit->exprs.items[op->a];
    enum ir_type_kind kind;

    if (op->kind != IR_ASSIGN || place->kind != IR_EXPR_VAR)
        return;
    kind = ir_type_strip(fn->unit, fn->unit->vars.items[place->var].type)->kind;
    if ((kind == IR_TYPE_BOOL || kind == IR_TYPE_INT || kind == IR_TYPE_ENUM) &&
        is_known(asking, op->b))
        asking->is_kept[place->var - fn->ir->first_var] = true;
}

static void block_ask(struct asking *asking, uint32_t at)
{
    const struct fn *fn = asking->flow->fn;
    const struct ir_block *block = ir_block(fn->unit, fn->ir, at);
    const struct ir_op *end = ir_block_end(fn->unit, block);
    bool asks = asking->is_told[at] ||
                ((end->kind == IR_BRANCH || end->kind == IR_SWITCH) && end->a &&
                 is_known(asking, end->a));

    for (uint32_t i = 0; i < cfg_edge_count(fn, block); i++) {
        uint32_t to = cfg_edge_to(fn, block, i);

        if (asks && asking->into[to] == 1)
            asking->is_told[to] = true;
    }
}

static struct asking asking_make(const struct flow *flow)
{
    const struct fn *fn = flow->fn;
    uint32_t count = fn->ir->block_count;
    struct asking asking = {
        .flow = flow,
        .is_kept = arena_array(flow->arena, fn->ir->var_count, sizeof(bool)),
        .is_told = arena_array(flow->arena, count, sizeof(bool)),
        .into = arena_array(flow->arena, count, sizeof(*asking.into)),
    };

    for (uint32_t i = 0; i < fn->ir->op_count; i++)
        known_keep(&asking, &fn->unit->ops.items[fn->ir->first_op + i]);
    for (uint32_t i = 0; i < count; i++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, i);

        for (uint32_t k = 0; k < cfg_edge_count(fn, block); k++)
            asking.into[cfg_edge_to(fn, block, k)]++;
    }
    return asking;
}

bool told_whether(const struct flow *flow)
{
    const struct fn *fn = flow->fn;
    struct asking asking;

    if (!is_any_user(flow, 0, fn->ir->op_count))
        return false;
    asking = asking_make(flow);
    for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
        uint32_t at = fn->cfg->order[i];
        const struct ir_block *block = ir_block(fn->unit, fn->ir, at);

        if (asking.is_told[at] &&
            is_any_user(flow, block->first_op - fn->ir->first_op,
                        block->op_count))
            return true;
        block_ask(&asking, at);
    }
    return false;
}
