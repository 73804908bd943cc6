/*
 * Locks that are recursive from the start: by a static initialiser, or by a
 * helper that is handed them. Those that are made so by a call of the
 * library's own are learnt from the lock sets (life.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_RECURSIVE_H
#define ASYNCLINT_ENGINE_RECURSIVE_H

#include "engine/program.h"

/* Adds to `program->recursive`. */
void recursive_find(struct program *program);

#endif
