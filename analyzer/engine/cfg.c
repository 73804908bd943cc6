/*
 * Reverse post-order by a depth-first walk without recursion (a generated
 * state machine has thousands of blocks in a chain).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/cfg.h"

#include "ir/ir_print.h"

struct walk {
    const struct ir_unit *unit;
    const struct ir_fn *fn;
    uint32_t *stack;
    uint32_t *next_edge;
    bool *is_seen;
    uint32_t depth;
};

static const struct ir_block *block_get(const struct walk *walk, uint32_t at)
{
    return ir_block(walk->unit, walk->fn, at);
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
    uint32_t free_slots = walk->fn->block_count;

    walk_push(walk, 0);
    while (walk->depth) {
        uint32_t block = walk->stack[walk->depth - 1];
        const struct ir_block *at = block_get(walk, block);
        uint32_t to;

        if (walk->next_edge[block] == at->edge_count) {
            order[--free_slots] = block;
            walk->depth--;
            continue;
        }
        to = walk->unit->edges.items[at->first_edge + walk->next_edge[block]++]
                 .block -
             walk->fn->first_block;
        if (!walk->is_seen[to])
            walk_push(walk, to);
    }
    return walk->fn->block_count - free_slots;
}

struct cfg *cfg_build(const struct ir_unit *unit, const struct ir_fn *fn,
                      struct arena *arena)
{
    uint32_t count = fn->block_count;
    struct cfg *cfg = arena_alloc(arena, sizeof(*cfg));
    struct walk walk = {
        .unit = unit,
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

        for (uint32_t edge = 0; edge < block->edge_count; edge++) {
            uint32_t to = unit->edges.items[block->first_edge + edge].block -
                          fn->first_block;

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
static bool *reach(const struct ir_unit *unit, const struct ir_fn *fn,
                   ir_id from, uint32_t until, struct arena *arena)
{
    bool *seen = arena_array(arena, fn->block_count, sizeof(*seen));
    VEC(uint32_t) open = {0};

    vec_add(arena, &open, cfg_block_of(unit, fn, from));
    for (uint32_t i = 0; i < open.count; i++) {
        const struct ir_block *block = ir_block(unit, fn, open.items[i]);

        for (uint32_t k = 0; k < block->edge_count; k++) {
            uint32_t next = unit->edges.items[block->first_edge + k].block -
                            fn->first_block;

            if (!seen[next] && next != until)
                vec_add(arena, &open, next);
            seen[next] = true;
        }
    }
    return seen;
}

bool cfg_leads_to(const struct ir_unit *unit, const struct ir_fn *fn,
                  ir_id from, ir_id to)
{
    uint32_t goal = cfg_block_of(unit, fn, to);
    struct arena arena = {0};
    bool is_reached = reach(unit, fn, from, goal, &arena)[goal];

    arena_finish(&arena);
    return is_reached;
}

bool cfg_edge_leads_to(const struct ir_unit *unit, const struct ir_fn *fn,
                       const struct ir_edge *edge, ir_id to)
{
    uint32_t next = edge->block - fn->first_block;

    return cfg_block_of(unit, fn, to) == next ||
           cfg_leads_to(unit, fn, ir_block(unit, fn, next)->first_op, to);
}

bool cfg_always_leads_to(const struct ir_unit *unit, const struct ir_fn *fn,
                         ir_id from, ir_id to)
{
    uint32_t goal = cfg_block_of(unit, fn, to);
    struct arena arena = {0};
    const bool *seen = reach(unit, fn, from, goal, &arena);
    bool always = seen[goal];

    for (uint32_t at = 0; at < fn->block_count; at++) {
        const struct ir_block *block = ir_block(unit, fn, at);

        if (seen[at] && at != goal &&
            ir_block_end(unit, block)->kind == IR_RETURN)
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

bool cfg_comes_back(const struct ir_unit *unit, const struct ir_fn *fn,
                    ir_id op)
{
    return cfg_leads_to(unit, fn, op, op);
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
