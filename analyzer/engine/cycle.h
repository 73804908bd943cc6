/*
 * Circles in the lock order: ways for two or more threads or tasks to wait for
 * each other, each with a lock that the next one wants. Only those are told
 * in which all can happen at once (order.h says what rules one out), and of
 * circles over the same locks the shortest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CYCLE_H
#define ASYNCLINT_ENGINE_CYCLE_H

#include "engine/order.h"
#include "engine/overlap.h"

enum { LONGEST_CYCLE = 8 }; /* nobody could read more */

/* One of those who wait: holds `outer`, wants `inner`. */
struct lock_leg {
    const struct fn *root; /* how it runs beside the others */
    enum root_kind kind;
    const struct start *start; /* what starts it, or NULL */
    struct fn_list route;      /* from the root to `fn`, both included */
    const struct fn *fn;       /* takes `outer`, calls who takes `inner` */
    ir_id outer_at;
    const char *outer;         /* as the code names it */
    const struct fn *outer_in; /* a callee that returned with it, or NULL */
    ir_id outer_in_at;
    VEC(struct call) steps; /* from `fn` to who takes `inner` */
    const struct fn *inner_fn;
    ir_id inner_at;
    const char *inner;
};

struct lock_cycle {
    uint32_t count;
    struct lock_leg legs[LONGEST_CYCLE];
    bool must;       /* each `outer` is held on all paths */
    bool is_guess;   /* on one leg a pointer has several functions to choose
                        from, or it leads through the log; with two of these
                        there is no circle */
    bool is_outside; /* that some leg runs beside the others is assumed */
};

typedef VEC(struct lock_cycle) lock_cycle_list;

/* All circles, in the order of the program. */
lock_cycle_list cycles_find(struct order *order, struct overlap *overlap);

/* A function that takes two locks of one class, whichever its caller names:
 * two callers may name them in opposite order. */
lock_cycle_list cycles_of_pairs(struct order *order, struct overlap *overlap);

#endif
