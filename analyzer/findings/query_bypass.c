/*
 * Jumps into the scope of a guard, one variable at a time: where it may be
 * without a value, and which cleanup runs on it there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_bypass.h"

#include "engine/cfg.h"
#include "findings/query_scope.h"

enum { MOST_BLOCKS = 4096 }; /* beyond, jumps into scopes are not looked for */

struct reach {
    const struct query *query;
    ir_id var;
    bool *bare_in; /* by block: it may be without a value where this begins */
    bool *set_in;  /* … it may have one */
    bool *ends_bare;
    bool *ends_set;
    ir_id *cleanup; /* the first cleanup of it, before anything sets it */
};

static const struct ir_block *block_get(const struct reach *reach, uint32_t at)
{
    const struct fn *fn = reach->query->fn;

    return ir_block(fn->unit, fn->ir, at);
}

static void block_run(struct reach *reach, uint32_t at)
{
    const struct ir_block *block = block_get(reach, at);
    bool is_bare = reach->bare_in[at];
    bool is_set = reach->set_in[at];

    for (uint32_t i = 0; i < block->op_count; i++) {
        ir_id op = block->first_op + i;
        const struct ir_op *found = query_op(reach->query, op);

        if ((found->kind == IR_SCOPE_ENTER || found->kind == IR_SCOPE_EXIT) &&
            found->a == reach->var) {
            is_bare = is_bare || is_set;
            is_set = false;
        } else if (query_sets_var(reach->query, op, reach->var)) {
            is_set = is_bare || is_set;
            is_bare = false;
        }
    }
    reach->ends_bare[at] = is_bare;
    reach->ends_set[at] = is_set;
}

static void forward(struct reach *reach)
{
    const struct fn *fn = reach->query->fn;
    bool is_changed = true;

    reach->bare_in[0] = true;
    while (is_changed) {
        is_changed = false;
        for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
            uint32_t at = fn->cfg->order[i];
            const struct ir_block *block = block_get(reach, at);

            block_run(reach, at);
            for (uint32_t k = 0; k < block->edge_count; k++) {
                uint32_t to =
                    fn->unit->edges.items[block->first_edge + k].block -
                    fn->ir->first_block;

                is_changed |= (reach->ends_bare[at] && !reach->bare_in[to]) ||
                              (reach->ends_set[at] && !reach->set_in[to]);
                reach->bare_in[to] |= reach->ends_bare[at];
                reach->set_in[to] |= reach->ends_set[at];
            }
        }
    }
}

/* The cleanup that a block leads to before anything sets the variable. */
static void backward(struct reach *reach)
{
    const struct fn *fn = reach->query->fn;
    bool is_changed = true;

    while (is_changed) {
        is_changed = false;
        for (uint32_t i = fn->cfg->block_count; i > 0; i--) {
            uint32_t at = fn->cfg->order[i - 1];
            const struct ir_block *block = block_get(reach, at);
            ir_id found = 0;

            for (uint32_t k = 0; k < block->edge_count && !found; k++)
                found =
                    reach->cleanup[fn->unit->edges.items[block->first_edge + k]
                                       .block -
                                   fn->ir->first_block];
            for (uint32_t k = block->op_count; k > 0; k--) {
                ir_id op = block->first_op + k - 1;

                if (query_sets_var(reach->query, op, reach->var))
                    found = 0;
                else if (query_cleans_up_var(reach->query, op, reach->var))
                    found = op;
            }
            is_changed |= found && !reach->cleanup[at];
            reach->cleanup[at] = found;
        }
    }
}

/* Where the jump from one block to another is told: at a goto itself, and for
 * a switch at the case that it leads to. */
static ir_id jump_of(const struct reach *reach, uint32_t from, uint32_t to)
{
    const struct ir_block *block = block_get(reach, from);
    ir_id last = block->first_op + block->op_count - 1;
    const struct ir_op *op = query_op(reach->query, last);

    if (op->kind == IR_SWITCH)
        return block_get(reach, to)->first_op;
    if (op->kind == IR_INDIRECT ||
        (op->kind == IR_JUMP && op->flags & IR_OP_GOTO))
        return last;
    return 0;
}

static bool edge_bypasses(const struct reach *reach, uint32_t from, uint32_t to)
{
    return reach->ends_bare[from] && !reach->ends_set[from] &&
           reach->set_in[to] && reach->cleanup[to];
}

/* A switch's case is inside the scope though no other way leads there. */
static bool case_bypasses(const struct reach *reach, uint32_t from, uint32_t to)
{
    const struct ir_block *block = block_get(reach, from);
    const struct ir_op *last = ir_block_end(reach->query->fn->unit, block);

    return last->kind == IR_SWITCH && reach->ends_bare[from] &&
           !reach->ends_set[from] && reach->cleanup[to];
}

static uint32_t bypasses_find(struct reach *reach, uint32_t skip,
                              struct bypass *bypass)
{
    const struct fn *fn = reach->query->fn;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
        uint32_t at = fn->cfg->order[i];
        const struct ir_block *block = block_get(reach, at);

        for (uint32_t k = 0; k < block->edge_count; k++) {
            uint32_t to = fn->unit->edges.items[block->first_edge + k].block -
                          fn->ir->first_block;
            ir_id op = jump_of(reach, at, to);

            if (!op || (!edge_bypasses(reach, at, to) &&
                        !case_bypasses(reach, at, to)))
                continue;
            if (seen++ == skip)
                *bypass = (struct bypass){reach->var, op, reach->cleanup[to]};
        }
    }
    return seen;
}

static bool is_initialised(const struct query *query, ir_id var)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (query_op(query, op)->flags & IR_OP_INIT &&
            ir_op_sets(query->fn->unit, query_op(query, op), var))
            return true;
    return false;
}

static bool jumps_about(const struct query *query)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (query_op(query, op)->flags & IR_OP_GOTO ||
            query_op(query, op)->kind == IR_SWITCH ||
            query_op(query, op)->kind == IR_INDIRECT)
            return true;
    return false;
}

bool query_bypass(const struct query *query, uint32_t at, struct bypass *bypass)
{
    const struct fn *fn = query->fn;
    struct arena arena = {0};
    size_t count = fn->ir->block_count;
    uint32_t before = 0;

    if (!fn->cfg || count > MOST_BLOCKS || !jumps_about(query))
        return false;
    for (ir_id var = fn->ir->first_var;
         before <= at && var < fn->ir->first_var + fn->ir->var_count; var++) {
        struct reach reach = {.query = query, .var = var};

        if (!fn->unit->vars.items[var].cleanup || !is_initialised(query, var))
            continue;
        reach.bare_in = arena_array(&arena, count, sizeof(bool));
        reach.set_in = arena_array(&arena, count, sizeof(bool));
        reach.ends_bare = arena_array(&arena, count, sizeof(bool));
        reach.ends_set = arena_array(&arena, count, sizeof(bool));
        reach.cleanup = arena_array(&arena, count, sizeof(ir_id));
        forward(&reach);
        backward(&reach);
        before += bypasses_find(&reach, at - before, bypass);
    }
    arena_finish(&arena);
    return before > at;
}
