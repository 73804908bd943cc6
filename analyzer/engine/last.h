/*
 * What a function does only where it drops the last reference to something: a
 * count that it has taken one from has come to nought, or a call says so that
 * did. Who calls it holds a reference of its own as a rule, or has locked what
 * the count is of, and does not get there; so the locks that are taken there
 * are no surely taken ones. Nor are those that are taken only if the thread is
 * not a certain one (`if (!pthread_equal(…))`): who has the lock there already
 * asks, so as not to take it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LAST_H
#define ASYNCLINT_ENGINE_LAST_H

#include "engine/program.h"

/* What a number has of a count that one was taken from. */
enum count {
    COUNT_NONE,
    COUNT_BEFORE,  /* its value before */
    COUNT_AFTER,   /* … and after */
    COUNT_IS_LAST, /* whether it is nought now */
};

/* Whether the op is reached with the last reference to something only. */
static inline bool last_has(const struct fn *fn, ir_id op)
{
    return fn->at_last && fn->at_last[op - fn->ir->first_op];
}

/* Fills `at_last` of every function; asks `callees`. */
void last_solve(const struct program *program);

#endif
