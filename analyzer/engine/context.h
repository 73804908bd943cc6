/*
 * Contexts: where a function may run. Seeded by async markers, by what is
 * spawned as a task, started as a thread or handed to the pool, and by main;
 * they flow from callers to callees, along calls that happen now; a context
 * test splits them (so lock sets are solved before).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CONTEXT_H
#define ASYNCLINT_ENGINE_CONTEXT_H

#include "engine/program.h"

/* Fills `context` and `context_from` of every function. */
void context_solve(struct program *program);

#endif
