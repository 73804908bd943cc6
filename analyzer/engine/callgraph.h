/*
 * The call graph's order of work: callees before callers. Functions that call
 * each other in a circle come one after the other, in the order of the text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CALLGRAPH_H
#define ASYNCLINT_ENGINE_CALLGRAPH_H

#include "engine/program.h"

/* All functions, callees first; `program->fns.count` of them. */
struct fn **callgraph_order(const struct program *program, struct arena *arena);

#endif
