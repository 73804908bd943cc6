/*
 * Answers about ways around an acquisition, see query_around.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_around.h"

#include <string.h>

#include "engine/cfg.h"

enum { MOST_JUMPS = 4 }; /* blocks that only lead on to a label */

static const struct ir_block *block_of(const struct fn *fn, ir_id op)
{
    return ir_block(fn->unit, fn->ir, cfg_block_of(fn->unit, fn->ir, op));
}

static bool has_call(const struct fn *fn, ir_id from, ir_id to)
{
    for (ir_id at = from; at < to; at++)
        if (fn->unit->ops.items[at].kind == IR_CALL)
            return true;
    return false;
}

/* Whether an edge leads to the release, and nothing is done on the way. */
static bool leads_straight(const struct fn *fn, const struct ir_edge *edge,
                           ir_id release)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_block *wanted = block_of(fn, release);
    const struct ir_block *block = &unit->blocks.items[edge->block];

    for (int i = 0; i < MOST_JUMPS && block != wanted; i++) {
        if (block->edge_count != 1 ||
            has_call(fn, block->first_op, block->first_op + block->op_count))
            return false;
        block = &unit->blocks.items[unit->edges.items[block->first_edge].block];
    }
    return block == wanted && !has_call(fn, block->first_op, release);
}

static bool is_same(const struct event *taken, const struct event *release)
{
    return taken->kind == EVENT_ACQUIRE && taken->lock.name &&
           !strcmp(taken->lock.name, release->lock.name);
}

/* Whether a block leads to the op by another edge than that one. */
static bool leads_otherwise(const struct fn *fn, const struct ir_block *block,
                            const struct ir_edge *not_by, ir_id op)
{
    for (uint32_t i = 0; i < block->edge_count; i++) {
        const struct ir_edge *edge =
            &fn->unit->edges.items[block->first_edge + i];

        if (edge != not_by && cfg_edge_leads_to(fn, edge, op))
            return true;
    }
    return false;
}

/* Whether all that take the lock come between the op and the release, by
 * another edge than the way around, and are no tries. What is only taken behind
 * the release is not what the way leads around. */
static bool is_before_all(const struct query *query,
                          const struct event *release, ir_id op,
                          const struct ir_edge *around)
{
    const struct fn *fn = query->fn;
    uint32_t count = 0;

    for_each_event(query, taken, EVENT_ACQUIRE) {
        if (!is_same(taken, release))
            continue;
        if (taken->is_try || taken->lock.is_recursive || taken->by_guard ||
            taken->op < op || cfg_leads_to(fn, taken->op, op) ||
            !leads_otherwise(fn, block_of(fn, op), around, taken->op) ||
            !cfg_leads_to(fn, taken->op, release->op))
            return false;
        count++;
    }
    return count > 0;
}

ir_id query_around(const struct query *query, const struct event *release)
{
    const struct fn *fn = query->fn;

    if (release->held_before + release->unsure >= release->states)
        return 0;
    for (ir_id op = fn->ir->first_op; op < release->op; op++) {
        const struct ir_block *block;

        if (fn->unit->ops.items[op].kind != IR_BRANCH)
            continue;
        block = block_of(fn, op);
        for (uint32_t i = 0; i < block->edge_count; i++) {
            const struct ir_edge *edge =
                &fn->unit->edges.items[block->first_edge + i];

            if (leads_straight(fn, edge, release->op) &&
                is_before_all(query, release, op, edge))
                return op;
        }
    }
    return 0;
}
