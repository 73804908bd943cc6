/*
 * One function that starts or joins a thread or task, followed op by op: where
 * in it may that be alive?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_INSIDE_H
#define ASYNCLINT_ENGINE_INSIDE_H

#include "engine/joins.h"

enum { MOST_BEGINS = 30 }; /* places in one function after which it is alive */

/* The bit of what was alive when the function was called. */
static const uint32_t BEFORE_US = 1u << 31;

/* Where, in one function, the root begins to be alive. */
struct begin {
    ir_id op;
    struct handles handles;
};

/* Where it is joined, here or in a callee that does. */
struct end {
    ir_id op;
    struct handle handle; /* NONE: the callee knows, see `via` */
    const struct fn *via;
};

struct inside {
    const struct fn *fn;
    struct begin begins[MOST_BEGINS];
    uint32_t begin_count;
    VEC(struct end) ends;
    uint32_t *before; /* by op: bits of those that are alive */
    uint32_t *at_block;
};

/* Finds `before`, from the begins and ends; more of them, and `is_entered`,
 * only ever add to it. */
void inside_solve(const struct joins *joins, struct inside *inside,
                  bool is_entered);

/* Whether what began here is alive at some exit. */
bool inside_outlives(const struct inside *inside);

#endif
