/*
 * Private to kept.c: what a function uses, see access.h. Things and sets of
 * locks have numbers of the whole program, so they are kept as the fields and
 * globals of the unit, and as the locks' classes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_KEPT_USES_H
#define ASYNCLINT_ENGINE_KEPT_USES_H

#include "engine/shape.h"

struct uses;

void kept_uses_write(struct program *program, struct shape_writer *writer);
struct uses *kept_uses_read(struct program *program, struct fn *fn,
                            struct shape_reader *reader);

#endif
