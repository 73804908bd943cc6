/*
 * Reverse post-order by a depth-first walk without recursion (a generated
 * state machine has thousands of blocks in a chain).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/cfg.h"

#include "ir/ir_print.h"

struct walk {
    const struct fn *fn;
    uint32_t *stack;
    uint32_t *next_edge;
    bool *is_seen;
    uint32_t depth;
};

static const struct ir_block *block_get(const struct walk *walk, uint32_t at)
{
    return ir_block(walk->fn->unit, walk->fn->ir, at);
}

static void walk_push(struct walk *walk, uint32_t block)
{
    walk->is_seen[block] = true;
    walk->next_edge[block] = 0;
    walk->stack[walk->depth++] = block;
}

/* Fills `order` from the back; returns how many blocks it reached. */
static uint32_t walk_run(struct walk *walk, uint32_t *order)
{
    const struct fn *fn = walk->fn;
    uint32_t free_slots = fn->ir->block_count;

    walk_push(walk, 0);
    while (walk->depth) {
        uint32_t block = walk->stack[walk->depth - 1];
        const struct ir_block *at = block_get(walk, block);
        uint32_t to;

        if (walk->next_edge[block] == cfg_edge_count(fn, at)) {
            order[--free_slots] = block;
            walk->depth--;
            continue;
        }
        to = cfg_edge_to(fn, at, walk->next_edge[block]++);
        if (!walk->is_seen[to])
            walk_push(walk, to);
    }
    return fn->ir->block_count - free_slots;
}

struct cfg *cfg_build(const struct fn *fn, struct arena *arena)
{
    uint32_t count = fn->ir->block_count;
    struct cfg *cfg = arena_alloc(arena, sizeof(*cfg));
    struct walk walk = {
        .fn = fn,
        .stack = arena_array(arena, count, sizeof(*walk.stack)),
        .next_edge = arena_array(arena, count, sizeof(*walk.next_edge)),
        .is_seen = arena_array(arena, count, sizeof(*walk.is_seen)),
    };
    uint32_t unreached;

    cfg->order = arena_array(arena, count, sizeof(*cfg->order));
    cfg->rank = arena_array(arena, count, sizeof(*cfg->rank));
    cfg->is_loop_head = arena_array(arena, count, sizeof(*cfg->is_loop_head));
    cfg->block_count = walk_run(&walk, cfg->order);
    unreached = count - cfg->block_count;
    cfg->order += unreached;
    for (uint32_t i = 0; i < cfg->block_count; i++)
        cfg->rank[cfg->order[i]] = i;
    for (uint32_t i = 0; i < cfg->block_count; i++) {
        const struct ir_block *block = block_get(&walk, cfg->order[i]);

        for (uint32_t k = 0; k < cfg_edge_count(fn, block); k++) {
            uint32_t to = cfg_edge_to(fn, block, k);

            if (cfg->rank[to] <= i)
                cfg->has_loops = cfg->is_loop_head[to] = true;
        }
    }
    return cfg;
}

bool cfg_edge_is_back(const struct cfg *cfg, uint32_t from, uint32_t to)
{
    return cfg->rank[to] <= cfg->rank[from];
}

uint32_t cfg_block_of(const struct ir_unit *unit, const struct ir_fn *fn,
                      ir_id op)
{
    uint32_t at = 0;

    while (at + 1 < fn->block_count && op - ir_block(unit, fn, at)->first_op >=
                                           ir_block(unit, fn, at)->op_count)
        at++;
    return at;
}

/* Marks the blocks to which control can get from an op, over an edge, without
 * going on behind the block `until`. */
static bool *reach(const struct fn *fn, ir_id from, uint32_t until,
                   struct arena *arena)
{
    bool *seen = arena_array(arena, fn->ir->block_count, sizeof(*seen));
    VEC(uint32_t) open = {0};

    vec_add(arena, &open, cfg_block_of(fn->unit, fn->ir, from));
    for (uint32_t i = 0; i < open.count; i++) {
        const struct ir_block *block =
            ir_block(fn->unit, fn->ir, open.items[i]);

        for (uint32_t k = 0; k < cfg_edge_count(fn, block); k++) {
            uint32_t next = cfg_edge_to(fn, block, k);

            if (!seen[next] && next != until)
                vec_add(arena, &open, next);
            seen[next] = true;
        }
    }
    return seen;
}

bool cfg_leads_to(const struct fn *fn, ir_id from, ir_id to)
{
    uint32_t goal = cfg_block_of(fn->unit, fn->ir, to);
    struct arena arena = {0};
    bool is_reached = reach(fn, from, goal, &arena)[goal];

    arena_finish(&arena);
    return is_reached;
}

bool cfg_edge_leads_to(const struct fn *fn, const struct ir_edge *edge,
                       ir_id to)
{
    uint32_t next = edge->block - fn->ir->first_block;

    return cfg_block_of(fn->unit, fn->ir, to) == next ||
           cfg_leads_to(fn, ir_block(fn->unit, fn->ir, next)->first_op, to);
}

bool cfg_always_leads_to(const struct fn *fn, ir_id from, ir_id to)
{
    uint32_t goal = cfg_block_of(fn->unit, fn->ir, to);
    struct arena arena = {0};
    const bool *seen = reach(fn, from, goal, &arena);
    bool always = seen[goal];

    for (uint32_t at = 0; at < fn->ir->block_count; at++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, at);

        if (seen[at] && at != goal && !cfg_is_cut(fn, block) &&
            ir_block_end(fn->unit, block)->kind == IR_RETURN)
            always = false;
    }
    arena_finish(&arena);
    return always;
}

bool cfg_begins_body(const struct ir_unit *unit, const struct ir_block *block)
{
    const struct ir_op *first = &unit->ops.items[block->first_op];

    return first->kind == IR_SCOPE_ENTER &&
           unit->vars.items[first->a].flags & IR_VAR_MACRO_SCOPE;
}

bool cfg_comes_back(const struct fn *fn, ir_id op)
{
    return cfg_leads_to(fn, op, op);
}

void cfg_print(const struct ir_unit *unit, const struct ir_fn *fn,
               const struct cfg *cfg, struct strbuf *out)
{
    ir_fn_head_print(unit, fn, out);
    for (uint32_t i = 0; i < cfg->block_count; i++) {
        uint32_t at = cfg->order[i];
        const struct ir_block *block = ir_block(unit, fn, at);
        const struct ir_op *last = ir_block_end(unit, block);

        strbuf_printf(out, "  b%u%s: %u ops, ", at,
                      cfg->is_loop_head[at] ? " loop" : "", block->op_count);
        ir_op_print(unit, fn, last, out);
        ir_edges_print(unit, fn, block, out);
        strbuf_add(out, "\n");
    }
}
