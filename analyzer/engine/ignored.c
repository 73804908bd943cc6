/*
 * Failures that are only reported, see ignored.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/ignored.h"

#include "engine/cfg.h"
#include "ir/ir_same.h"

enum { MOST_BLOCKS = 32 }; /* of a report; whoever does more minds */

/* What is done only where the lock was not got, up to where all meet again. */
struct report {
    const struct flow *flow;
    uint32_t home; /* the block that tries */
    uint32_t meet;
    uint32_t blocks[MOST_BLOCKS];
    uint32_t count;
};

/* Whether somebody who comes by there, or from `first` in there, reads what the
 * variable holds by then. */
static bool is_read_in(const struct flow *flow, bool *is_seen, uint32_t at,
                       ir_id first, ir_id var)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_block *block = ir_block(unit, flow->fn->ir, at);

    for (ir_id op = first ? first : block->first_op;
         op < block->first_op + block->op_count; op++) {
        const struct ir_op *here = &unit->ops.items[op];

        if (ir_op_mentions(unit, here, IR_EXPR_VAR, var))
            return true;
        if (ir_op_sets(unit, here, var))
            return false;
    }
    for (uint32_t i = 0; i < block->edge_count; i++) {
        uint32_t to = cfg_edge_to(flow->fn, block, i);

        if (is_seen[to])
            continue;
        is_seen[to] = true;
        if (is_read_in(flow, is_seen, to, 0, var))
            return true;
    }
    return false;
}

static bool is_read_from(const struct flow *flow, uint32_t block, ir_id var)
{
    bool *is_seen =
        arena_array(flow->arena, flow->fn->ir->block_count, sizeof(*is_seen));

    return is_read_in(flow, is_seen, block, 0, var);
}

/* A local variable that is given something, and that nobody reads where all
 * have met again. */
static bool is_passing(const struct report *report, const struct ir_op *assign)
{
    const struct ir_unit *unit = report->flow->fn->unit;
    const struct ir_expr *place = &unit->exprs.items[assign->a];

    return place->kind == IR_EXPR_VAR &&
           !is_read_from(report->flow, report->meet, place->var);
}

static bool block_add(struct report *report, uint32_t at)
{
    for (uint32_t i = 0; i < report->count; i++)
        if (report->blocks[i] == at)
            return true;
    if (report->count == MOST_BLOCKS || at == report->home)
        return false;
    report->blocks[report->count++] = at;
    return true;
}

/* Whether there is no other way out than to where all meet (or to the end of
 * the program), and nothing is left behind. */
static bool is_only_report(struct report *report, uint32_t first)
{
    const struct fn *fn = report->flow->fn;

    if (first == report->meet || !block_add(report, first))
        return false;
    for (uint32_t i = 0; i < report->count; i++) {
        const struct ir_block *block =
            ir_block(fn->unit, fn->ir, report->blocks[i]);

        for (uint32_t k = 0; k < block->op_count; k++) {
            const struct ir_op *op = &fn->unit->ops.items[block->first_op + k];

            if (op->kind == IR_RETURN ||
                (op->kind == IR_ASSIGN && !is_passing(report, op)))
                return false;
        }
        for (uint32_t k = 0; k < block->edge_count; k++) {
            uint32_t to = cfg_edge_to(report->flow->fn, block, k);

            if (to != report->meet && !block_add(report, to))
                return false;
        }
    }
    return true;
}

/* The variable that is given the result in the op's block; 0: none is. False:
 * it goes where others may look. */
static bool result_variable(const struct flow *flow,
                            const struct ir_block *block, ir_id op, ir_id *var)
{
    const struct ir_unit *unit = flow->fn->unit;

    *var = 0;
    for (ir_id at = op + 1; at < block->first_op + block->op_count; at++) {
        const struct ir_op *here = &unit->ops.items[at];

        if (!ir_op_keeps(unit, here, op))
            continue;
        if (*var || unit->exprs.items[here->a].kind != IR_EXPR_VAR)
            return false;
        *var = unit->exprs.items[here->a].var;
    }
    return true;
}

/* Who only tries, or may be interrupted, reckons with it. */
static bool is_meant_to_succeed(const struct site *site)
{
    const struct meaning *meaning = site->callee.meaning;

    for (int i = 0; meaning && i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == EFFECT_ACQUIRE &&
            (meaning->effects[i].is_try ||
             meaning->effects[i].is_interruptible))
            return false;
    return meaning != NULL;
}

/* Where it is forgotten that the op has failed: its block asks for the result
 * at its end, and goes on either there or by a report; or -1. */
static int meet_find(const struct flow *flow, ir_id op)
{
    const struct fn *fn = flow->fn;
    struct report report = {
        .flow = flow,
        .home = cfg_block_of(fn->unit, fn->ir, op),
    };
    const struct ir_block *block = ir_block(fn->unit, fn->ir, report.home);
    const struct ir_op *last = ir_block_end(fn->unit, block);
    ir_id var;

    if (last->kind != IR_BRANCH || block->edge_count != 2 ||
        !is_meant_to_succeed(site_at(flow, op)) ||
        !result_variable(flow, block, op, &var) ||
        !(var ? ir_op_mentions(fn->unit, last, IR_EXPR_VAR, var)
              : ir_op_mentions(fn->unit, last, IR_EXPR_TEMP, op)))
        return -1;
    for (uint32_t i = 0; i < 2; i++) {
        report.count = 0;
        report.meet = cfg_edge_to(flow->fn, block, i);
        if (is_only_report(&report, cfg_edge_to(flow->fn, block, 1 - i)))
            return var && is_read_from(flow, report.meet, var)
                       ? -1
                       : (int)report.meet;
    }
    return -1;
}

/* Each op is looked at once. */
static int meet_of(struct flow *flow, ir_id op)
{
    enum { NOT_LOOKED, NOWHERE, FIRST };
    uint32_t *known;

    if (!flow->meets)
        flow->meets = arena_array(flow->arena, flow->fn->ir->op_count,
                                  sizeof(*flow->meets));
    known = &flow->meets[op - flow->fn->ir->first_op];
    if (*known == NOT_LOOKED) {
        int meet = meet_find(flow, op);

        *known = meet < 0 ? NOWHERE : FIRST + (uint32_t)meet;
    }
    return (int)*known - FIRST;
}

bool ignored_ends(struct flow *flow, const struct state *state, uint32_t from,
                  uint32_t to)
{
    const struct fn *fn = flow->fn;

    for (uint32_t i = 0; i < state->fates.count; i++) {
        const struct lock_fate *fate = &state->fates.items[i];

        if (fate->fate == FATE_REFUSED && meet_of(flow, fate->op) == (int)to &&
            from != cfg_block_of(fn->unit, fn->ir, fate->op))
            return true;
    }
    return false;
}
