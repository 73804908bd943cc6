/*
 * Where in the program a thread or task that it starts may be alive: from its
 * start until it is joined, in the function that starts it, in what that calls
 * and returns to, and in all that is started meanwhile.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ALIVE_H
#define ASYNCLINT_ENGINE_ALIVE_H

#include "engine/calls.h"

struct alive;

struct alive *alive_find(const struct calls *calls, const struct fn *root,
                         struct arena *arena);

/* When that op begins. */
bool alive_at(const struct alive *alive, const struct fn *fn, ir_id op);

#endif
