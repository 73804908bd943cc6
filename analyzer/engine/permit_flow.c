/*
 * Permits of one semaphore on the paths of one function: whether each that is
 * given was taken before, and whether some are kept. A permit that is given
 * where it was taken on some paths only is somebody else's: the last reader
 * gives what the first one took.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/cfg.h"
#include "engine/permit.h"

struct walk {
    struct fn *fn;
    const struct permit_uses *uses;
    bool *taken; /* by block, where it begins: on all paths; or not yet met */
    bool *held;  /* likewise: on some path, and not given back */
    struct permit_use sum;
};

static void use_pass(struct walk *walk, const struct permit_use *use,
                     bool *taken, bool *held)
{
    if (use->gives) {
        walk->sum.gives |= !*taken;
        walk->sum.pairs |= *taken;
        *held = false;
    }
    walk->sum.pairs |= use->pairs;
    if (use->takes) {
        *taken = true;
        *held = true;
    }
}

/* The first use at that op or behind it. */
static uint32_t use_from(const struct permit_uses *uses, ir_id op)
{
    uint32_t low = 0;
    uint32_t high = uses->items.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (uses->items.items[middle].op < op)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* `walk->sum` is meant only when nothing changes any more. */
static void block_pass(struct walk *walk, const struct ir_block *block,
                       bool *taken, bool *held)
{
    const struct ir_unit *unit = walk->fn->unit;
    ir_id end = block->first_op + block->op_count;

    for (uint32_t i = use_from(walk->uses, block->first_op);
         i < walk->uses->items.count && walk->uses->items.items[i].op < end;
         i++)
        use_pass(walk, &walk->uses->items.items[i], taken, held);
    if (unit->ops.items[end - 1].kind == IR_RETURN &&
        !cfg_is_cut(walk->fn, block))
        walk->sum.takes |= *held;
}

static bool successors_pass(struct walk *walk, const struct ir_block *block,
                            bool taken, bool held)
{
    bool has_changed = false;

    for (uint32_t i = 0; i < cfg_edge_count(walk->fn, block); i++) {
        uint32_t to = cfg_edge_to(walk->fn, block, i);

        has_changed |= (walk->taken[to] && !taken) || (!walk->held[to] && held);
        walk->taken[to] &= taken;
        walk->held[to] |= held;
    }
    return has_changed;
}

static bool round_pass(struct walk *walk)
{
    const struct cfg *cfg = walk->fn->cfg;
    bool has_changed = false;

    walk->sum = (struct permit_use){0};
    for (uint32_t i = 0; i < cfg->block_count; i++) {
        const struct ir_block *block =
            &walk->fn->unit->blocks
                 .items[walk->fn->ir->first_block + cfg->order[i]];
        bool taken = walk->taken[cfg->order[i]];
        bool held = walk->held[cfg->order[i]];

        block_pass(walk, block, &taken, &held);
        has_changed |= successors_pass(walk, block, taken, held);
    }
    return has_changed;
}

struct permit_use permit_sum(struct fn *fn, const struct permit_uses *uses,
                             struct arena *arena)
{
    uint32_t count = fn->ir->block_count;
    struct walk walk = {
        .fn = fn,
        .uses = uses,
        .taken = arena_array(arena, count, sizeof(bool)),
        .held = arena_array(arena, count, sizeof(bool)),
    };

    for (uint32_t i = 1; i < count; i++)
        walk.taken[i] = true;
    while (round_pass(&walk))
        ;
    return walk.sum;
}
