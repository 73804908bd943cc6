/*
 * Loops that are ones, see loop.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/loop.h"

#include "engine/cfg.h"

/* The head to which the block leads back, if the loop is one in which a guard
 * macro hides its block, and goes round once. */
static const struct ir_block *round_head(const struct fn *fn,
                                         const struct ir_block *block)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_block *head;
    const struct meaning *meaning;
    ir_id macro;

    if (block->edge_count != 1)
        return NULL;
    head = &unit->blocks.items[unit->edges.items[block->first_edge].block];
    macro = ir_block_end(fn->unit, head)->macro;
    if (head >= block || !macro ||
        ir_block_end(fn->unit, block)->macro != macro)
        return NULL;
    meaning = model_macro_find(fn->view,
                               ir_text(unit, unit->macros.items[macro].name));
    return meaning && meaning->is_block ? head : NULL;
}

bool loop_has(const struct fn *fn, ir_id op)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_block *blocks = &unit->blocks.items[fn->ir->first_block];
    uint32_t goal = cfg_block_of(unit, fn->ir, op);
    struct arena arena = {0};
    bool *seen = arena_array(&arena, fn->ir->block_count, sizeof(*seen));
    VEC(uint32_t) open = {0};
    bool is_reached;

    vec_add(&arena, &open, goal);
    for (uint32_t i = 0; i < open.count && !seen[goal]; i++) {
        const struct ir_block *block = &blocks[open.items[i]];
        const struct ir_block *head = round_head(fn, block);
        const struct ir_block *from = head ? head : block;

        for (uint32_t k = 0; k < from->edge_count; k++) {
            uint32_t next = unit->edges.items[from->first_edge + k].block -
                            fn->ir->first_block;

            if (seen[next] || (head && cfg_begins_body(unit, &blocks[next])))
                continue;
            vec_add(&arena, &open, next);
            seen[next] = true;
        }
    }
    is_reached = seen[goal];
    arena_finish(&arena);
    return is_reached;
}
