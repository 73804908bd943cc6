/*
 * Which functions a parameter may be, by what the program's own calls give
 * it. The call graph does not follow these: a caller knows better than the
 * function which of them it has run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_GIVEN_H
#define ASYNCLINT_ENGINE_GIVEN_H

#include "engine/program.h"

struct given {
    struct fn_list fns;
    bool is_open; /* and others, that nobody knows */
};

/* Fills `given` of every function that has functions as parameters. */
void given_solve(struct program *program);

/* What may run where `fn` calls `expr`, one of its parameters; NULL: anything,
 * or it is no parameter. */
const struct fn_list *given_find(const struct fn *fn, ir_id expr);

#endif
