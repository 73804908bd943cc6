/*
 * Uses of a parameter after an await, see late.h. Found by a walk from each
 * call that suspends, and only when somebody asks, which is rare.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/late.h"

#include "base/arena.h"
#include "engine/callee.h"
#include "engine/cfg.h"
#include "ir/ir_same.h"

enum { DEEPEST_CALL = 4 }; /* how far a parameter is followed when handed on */

struct walk {
    const struct fn *fn;
    ir_id var;
    bool *seen; /* by block */
};

static bool walk_block(struct walk *walk, uint32_t at);

/* From one op to the end of its block, and on from there. */
static bool walk_ops(struct walk *walk, uint32_t at, ir_id op)
{
    const struct ir_unit *unit = walk->fn->unit;
    const struct ir_block *block = ir_block(unit, walk->fn->ir, at);

    for (; op < block->first_op + block->op_count; op++) {
        if (ir_op_mentions(unit, &unit->ops.items[op], IR_EXPR_VAR, walk->var))
            return true;
        if (ir_op_sets(unit, &unit->ops.items[op], walk->var))
            return false;
    }
    for (uint32_t k = 0; k < block->edge_count; k++)
        if (walk_block(walk, unit->edges.items[block->first_edge + k].block -
                                 walk->fn->ir->first_block))
            return true;
    return false;
}

static bool walk_block(struct walk *walk, uint32_t at)
{
    if (walk->seen[at])
        return false;
    walk->seen[at] = true;
    return walk_ops(walk, at,
                    ir_block(walk->fn->unit, walk->fn->ir, at)->first_op);
}

static bool uses(const struct fn *fn, uint32_t param, int depth);

/* Handed on to a callee that is suspended itself. */
static bool is_used_inside(const struct fn *fn, const struct callee_site *site,
                           ir_id var, int depth)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_op *op = &unit->ops.items[site->op];
    const struct fn *body = site->callee.meaning ? NULL : site->callee.body;

    for (uint32_t i = 0; body && op->kind == IR_CALL && i < op->args.count; i++)
        if (ir_expr_mentions(unit, ir_list_at(unit, op->args, i), IR_EXPR_VAR,
                             var) &&
            uses(body, i, depth + 1))
            return true;
    return false;
}

static bool uses(const struct fn *fn, uint32_t param, int depth)
{
    struct arena arena = {0};
    struct walk walk = {.fn = fn, .var = fn->ir->first_var + param};
    bool is_used = false;

    if (depth > DEEPEST_CALL || param >= fn->ir->param_count || !fn->callees)
        return false;
    walk.seen = arena_array(&arena, fn->ir->block_count, sizeof(*walk.seen));
    for (uint32_t i = 0; i < fn->callees->items.count && !is_used; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (!answer_can_be(callee_suspends(&site->callee)))
            continue;
        is_used = is_used_inside(fn, site, walk.var, depth) ||
                  walk_ops(&walk, cfg_block_of(fn->unit, fn->ir, site->op),
                           site->op + 1);
    }
    arena_finish(&arena);
    return is_used;
}

bool late_uses(const struct fn *fn, uint32_t param)
{
    return uses(fn, param, 0);
}
