/*
 * Semaphores as the text of one function names them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_PERMIT_THING_H
#define ASYNCLINT_ENGINE_PERMIT_THING_H

#include "engine/program.h"

/* A semaphore, to one function: a class of them, or a parameter. */
struct permit_thing {
    const char *class; /* NULL: no one's */
    int param;         /* … or counting from 0, -1: none */
};

/* What that pointer points to. */
struct permit_thing permit_thing_at(const struct program *program,
                                    const struct fn *fn, ir_id value);

/* What an effect of a call is about. */
struct permit_thing permit_thing_of(const struct program *program,
                                    const struct fn *fn, ir_id call,
                                    const struct effect *effect);

/* What a local is given, if that is one thing; or 0. */
ir_id permit_only_value(const struct fn *fn, ir_id var);

#endif
