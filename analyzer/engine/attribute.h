/*
 * Locks that are made recursive in pieces: the attribute is set in one
 * function and used in another, or a helper is handed the lock, the attribute
 * or the type that it is to have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ATTRIBUTE_H
#define ASYNCLINT_ENGINE_ATTRIBUTE_H

#include "engine/program.h"

/* Adds to `program->recursive`. */
void attribute_find(struct program *program);

/* A place, named as the class of a lock there; NULL: it is no one's but a
 * function's. */
const char *attribute_class(const struct ir_unit *unit, ir_id place,
                            struct arena *arena);

#endif
