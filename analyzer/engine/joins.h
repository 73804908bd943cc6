/*
 * How a thread or task that the program starts is joined: by whom, by which
 * handle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_JOINS_H
#define ASYNCLINT_ENGINE_JOINS_H

#include "engine/handle.h"

/* A function joins by a handle that all know, or by one that it is given. */
enum { JOINS_SHARED = 1, JOINS_GIVEN = 2 };

struct joins {
    const struct calls *calls;
    const struct fn *root;
    struct handles shared; /* by which others may know it */
    uint8_t *how;          /* by function: how it, or a callee, joins */
};

struct joins joins_find(const struct calls *calls, const struct fn *root,
                        struct arena *arena);

bool joins_by(const struct joins *joins, const struct handle *handle);

/* The argument that a call of this meaning waits for, or 0. */
ir_id joins_waited(const struct meaning *meaning, const struct fn *fn,
                   ir_id at);

#endif
