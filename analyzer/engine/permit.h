/*
 * Semaphores that are mutexes: made with one permit, taken and given back in
 * the same functions. One that is given by who has not taken it is a signal,
 * and of those that have more permits nobody owns one; nothing is said of
 * these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_PERMIT_H
#define ASYNCLINT_ENGINE_PERMIT_H

#include "engine/program.h"

/* Lets the calls that take and give such semaphores mean what they do to a
 * mutex: in `callees` of every function. */
void permit_find(struct program *program);

/* ---- permit_flow.c: one semaphore in one function */

/* What one call does to it, itself or by its callee. */
struct permit_use {
    ir_id op;
    bool gives; /* … what was not taken in the call */
    bool takes; /* … and may not have been given back behind it */
    bool pairs; /* it does both, in that order */
};

struct permit_uses {
    VEC(struct permit_use) items; /* in the order of ops */
};

/* What all of these make of the function. */
struct permit_use permit_sum(struct fn *fn, const struct permit_uses *uses,
                             struct arena *arena);

#endif
