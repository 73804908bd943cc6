/*
 * Summaries: what calling a function can do, bottom-up. A function that calls
 * itself, through others or not, is solved together with them: summaries only
 * ever grow from "never" over "unknown" to "may", so sweeping over the
 * functions, callees first, ends after a few rounds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SUMMARY_H
#define ASYNCLINT_ENGINE_SUMMARY_H

#include "engine/program.h"

/* Fills `summary` of every function. */
void summary_solve(struct program *program);

#endif
