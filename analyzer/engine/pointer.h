/*
 * Function pointers: which functions a call through one may reach. By field:
 * all functions that are stored in that field of that record anywhere in the
 * program, by an initialiser, an assignment or a function that is handed them;
 * likewise for global variables, and for a local that is given one function.
 * What is called through a parameter is the caller's to say: `param_timings` of
 * a function tells when it has its parameters run, itself or by handing them
 * on: before it returns, as a task, on a thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_POINTER_H
#define ASYNCLINT_ENGINE_POINTER_H

#include "engine/program.h"

/* Fills `program->pointers` and `param_timings` of every function. */
void pointer_solve(struct program *program);

enum timing pointer_param_timing(const struct fn *fn, uint32_t param);

/* The parameter that an expression is, or -1. */
int pointer_param(const struct fn *fn, ir_id expr);
/* Whether the function has parameters that are functions. */
bool pointer_takes_functions(const struct fn *fn);

/* A local that is only ever given one function is that function: its symbol, or
 * 0. */
ir_id pointer_symbol(const struct fn *fn, ir_id expr);

/* The functions that a call through `expr` in `fn` may reach, none if that is
 * not known. */
struct fn_list pointer_targets(const struct program *program,
                               const struct fn *fn, ir_id expr);

/* The name of the only function that it may reach, if that has no body: it is a
 * library's; or NULL. */
const char *pointer_outside(const struct program *program, const struct fn *fn,
                            ir_id expr);

/* … and those that it is, if it is handed on. */
struct fn_list pointer_given(const struct program *program, const struct fn *fn,
                             ir_id expr);

#endif
