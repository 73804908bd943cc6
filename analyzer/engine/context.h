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

/* Fills `context`, `own_context` and `context_from` of every function. That it
 * runs in a task `is_doubted` if all ways to it from where tasks begin lead
 * through several pointers with many functions each. */
void context_solve(struct program *program);

/* The function that begins the shortest way on which this one gets to run in a
 * task; itself, if it is marked or started as one. */
static inline const struct fn *context_root(const struct fn *fn)
{
    while (fn->context_from)
        fn = fn->context_from;
    return fn;
}

/* The contexts in which an op of the function may run: a test before it may
 * have said that it is in a task, or in none. */
uint32_t context_at(const struct fn *fn, ir_id op);

/* Where a callback of that timing runs; 0: in its caller's, or unknown. */
uint32_t context_of_timing(enum timing timing);

#endif
