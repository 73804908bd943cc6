/*
 * `asynclint graph [FUNCTION]`: the call graph with what the engine knows of
 * it, for people (text) or for Graphviz (dot).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_GRAPH_H
#define ASYNCLINT_GRAPH_H

#include <stdio.h>

#include "base/err.h"
#include "engine/program.h"

/* `name` (see why.h) NULL: all functions; else those that lead to it and those
 * that it leads to. False: there is no such function. */
bool graph_print(FILE *file, const struct program *program, const char *name,
                 bool is_dot, struct err *err);

#endif
