/*
 * Where control ends for good: at a call of what never returns, be it that a
 * pack says so, its name, or its body, in which no way leads to a return (all
 * end the program, jump away or go round for ever). What stands behind such a
 * call is not reached, for anybody who asks: the graph of the function ends
 * there (cfg.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ENDS_H
#define ASYNCLINT_ENGINE_ENDS_H

#include "engine/callee.h"

/* Whether a call never comes back, whatever it is given. */
bool ends_call(const struct callee *callee);

/* Whether the op stands behind such a call, and is not reached. */
static inline bool ends_before(const struct fn *fn, ir_id op)
{
    return fn->unreached && fn->unreached[op - fn->ir->first_op];
}

/* Fills `unreached` and `summary.never_returns` of every function; asks
 * `callees`. */
void ends_solve(const struct program *program);

#endif
