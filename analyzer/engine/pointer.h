/*
 * Function pointers: which functions a call through one may reach. By field:
 * all functions that are stored in that field of that record anywhere in the
 * program, by an initialiser or an assignment; likewise for global variables,
 * and for a local that is given one function. What is called through a
 * parameter is the caller's to say: `params_now` of a function tells which of
 * its parameters it calls before it returns, itself or by handing them on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_POINTER_H
#define ASYNCLINT_ENGINE_POINTER_H

#include "engine/program.h"

/* Fills `program->pointers` and `params_now` of every function. */
void pointer_solve(struct program *program);

/* The functions that a call through `expr` in `fn` may reach, none if that is
 * not known. */
struct fn_list pointer_targets(const struct program *program,
                               const struct fn *fn, ir_id expr);

#endif
