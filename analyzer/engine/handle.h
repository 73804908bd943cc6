/*
 * What a thread or task goes by in the code of who starts and joins it: a
 * variable (or an array of them), a parameter, a global, a field.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_HANDLE_H
#define ASYNCLINT_ENGINE_HANDLE_H

#include "engine/calls.h"

enum handle_kind {
    HANDLE_NONE,
    HANDLE_VAR, /* only its own function knows it */
    HANDLE_PARAM,
    HANDLE_SHARED, /* a global, or a field of whatever object */
};

struct handle {
    enum handle_kind kind;
    uint32_t number;  /* of a variable or parameter */
    const char *name; /* of what is shared */
    const char *record;
};

enum { MOST_HANDLES = 6 };

struct handles {
    struct handle items[MOST_HANDLES];
    int count;
};

/* What an expression is rooted in, `&threads[i]` in threads. */
struct handle handle_of(const struct fn *fn, ir_id expr);

/* Everything that a start is given or gives: any may be what is joined. */
struct handles handles_of_start(const struct fn *fn, ir_id op);

/* What the caller gives for a PARAM of its callee. */
struct handle handle_given(const struct call *call,
                           const struct handle *handle);

bool handle_equal(const struct handle *one, const struct handle *two);

#endif
