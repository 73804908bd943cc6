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

/* Once all functions are solved: a call of a parameter suspends where a
 * function that is given to it does, and is nothing unknown where all of them
 * are harmless. Events only: the summary of who makes the call says nothing
 * about it, as its callers know better. */
void given_settle(struct program *program);

#endif
