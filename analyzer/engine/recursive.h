/*
 * Locks that are recursive from the start: by a static initialiser, or by
 * attributes that are not set where the lock is made (attribute.h). Where they
 * are, that is learnt from the lock sets (life.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_RECURSIVE_H
#define ASYNCLINT_ENGINE_RECURSIVE_H

#include "engine/program.h"

/* Adds to `program->recursive`. */
/* What becomes of who takes one again; the values of `program->recursive`. */
enum recursive_answer {
    RECURSIVE_COUNTS = 1,
    RECURSIVE_REFUSES, /* it is told so, and has it once */
};

void recursive_find(struct program *program);

#endif
