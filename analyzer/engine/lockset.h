/*
 * Lock sets: which locks are held at each point of a function, on all paths
 * and on some. A worklist solver over states (state.h): a block is run again
 * when a state that flows into it is new.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LOCKSET_H
#define ASYNCLINT_ENGINE_LOCKSET_H

#include "base/str.h"
#include "engine/program.h"

/* Before the others: learns which classes of locks a function makes
 * recursive, if it initialises any. */
void lockset_prepare(struct program *program, struct fn *fn);

/* Fills `events` of one function (and `trouble`, when a bound was hit); with
 * `dump`, which comes later, prints the states in which each block begins. */
void lockset_solve(struct program *program, struct fn *fn, struct strbuf *dump);

#endif
