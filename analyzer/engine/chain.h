/*
 * Chains: the shortest way through the call graph that shows why something is
 * so. Downwards, from a function to what suspends, blocks or takes a lock in
 * it; upwards, from a function to where the task or thread that runs it
 * starts. Of several that are as short, the first in the order of the text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CHAIN_H
#define ASYNCLINT_ENGINE_CHAIN_H

#include "engine/callgraph.h"
#include "engine/program.h"

enum chain_wanted {
    CHAIN_SUSPENDS,
    CHAIN_BLOCKS,  /* other than on a lock */
    CHAIN_LOCKS,   /* takes a lock that stops the thread */
    CHAIN_UNKNOWN, /* calls what nothing is known of */
};

/* `op` of `fn` leads to `to`, by the edge; without one, `event` is what the op
 * does itself. */
struct chain_step {
    const struct fn *fn;
    const struct fn *to;
    ir_id op;
    const struct call_edge *edge;
    const struct event *event;
};

/* From top to bottom; no steps: there is no such chain. */
struct chain {
    VEC(struct chain_step) steps;
};

/* `op`: what that op leads to; 0: what anything in the function does. */
struct chain chain_down(const struct program *program, const struct fn *fn,
                        ir_id op, enum chain_wanted wanted,
                        struct arena *arena);

/* From what runs in that context (one bit) by itself: a marked function, main,
 * what someone starts. `*root` is that function, the first step's `fn` or whom
 * its first step starts; NULL: nothing that runs there leads to `fn`. Asked
 * with 0: from a function that nobody is known to run. */
struct chain chain_up(const struct program *program, const struct fn *fn,
                      uint32_t context, const struct fn **root,
                      struct arena *arena);

#endif
