/*
 * Functions that run where nothing may suspend: interrupt handlers, timers and
 * what else is called in the middle of something; or under their caller's
 * lock. A pack says by which calls they are handed over, in which fields they
 * are stored, or by which names they go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ATOMIC_H
#define ASYNCLINT_ENGINE_ATOMIC_H

#include "engine/program.h"

/* Where the function was given to those who call it so. */
struct atomic_start {
    const struct fn *fn; /* NULL: nowhere, its name says that it runs so */
    ir_id op;
    const char *to;     /* the callee or the field that it was given to */
    enum timing timing; /* ATOMIC or INTERRUPT; UNKNOWN: of a field */
};

/* … and those that are called with a lock held, as a pack says of the field
 * that they are stored in. */
struct under_start {
    const struct fn *fn;
    ir_id op;
    const char *to;           /* the field */
    const struct place *lock; /* by the function's own parameters */
};

/* Fills `atomic` and `under` of every function; asks `edges` and `is_called`.
 */
void atomic_solve(struct program *program);

#endif
