/*
 * The control-flow graph of one function: predecessors, the order of the
 * work, which edges lead back. Cleanup edges are in the IR already: whatever
 * leaves a scope has the cleanup's call on its way. No edge leads out of a
 * block in which control ends (ends.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CFG_H
#define ASYNCLINT_ENGINE_CFG_H

#include "base/arena.h"
#include "base/str.h"
#include "engine/ends.h"
#include "ir/ir_ask.h"

struct cfg {
    uint32_t block_count;
    uint32_t *order;    /* blocks in reverse post-order */
    uint32_t *rank;     /* of a block in that order */
    bool *is_loop_head; /* some edge leads back to it */
    bool has_loops;
    /* The same blocks in the order of the solver, see rounds.c; NULL until
     * somebody asks for it. */
    uint32_t *round_order;
    uint32_t *round_rank;
};

struct cfg *cfg_build(const struct fn *fn, struct arena *arena);

/* Whether control ends in the block, before what the IR has for its end. */
static inline bool cfg_is_cut(const struct fn *fn, const struct ir_block *block)
{
    return ends_before(fn, block->first_op + block->op_count - 1);
}

static inline uint32_t cfg_edge_count(const struct fn *fn,
                                      const struct ir_block *block)
{
    return cfg_is_cut(fn, block) ? 0 : block->edge_count;
}

/* The block that an edge leads to. */
static inline uint32_t cfg_edge_to(const struct fn *fn,
                                   const struct ir_block *block, uint32_t edge)
{
    return fn->unit->edges.items[block->first_edge + edge].block -
           fn->ir->first_block;
}

/* Fills in the order of the solver. */
void cfg_rounds_order(const struct fn *fn, struct arena *arena);

/* Whether the edge from one block to another closes a loop. */
bool cfg_edge_is_back(const struct cfg *cfg, uint32_t from, uint32_t to);

/* Whether control can get from one op, over an edge, to another's block. */
bool cfg_leads_to(const struct fn *fn, ir_id from, ir_id to);

/* … by going over that edge. */
bool cfg_edge_leads_to(const struct fn *fn, const struct ir_edge *edge,
                       ir_id to);

/* Whether each way from one op to a return leads through another's block. */
bool cfg_always_leads_to(const struct fn *fn, ir_id from, ir_id to);

/* Which of the function's blocks an op is in. */
uint32_t cfg_block_of(const struct ir_unit *unit, const struct ir_fn *fn,
                      ir_id op);

/* The body of a macro with a block begins there. */
bool cfg_begins_body(const struct ir_unit *unit, const struct ir_block *block);

/* Whether control can get from the op back to it. */
bool cfg_comes_back(const struct fn *fn, ir_id op);

void cfg_print(const struct ir_unit *unit, const struct ir_fn *fn,
               const struct cfg *cfg, struct strbuf *out);

#endif
