/*
 * Loops that may go round for ever without a call that suspends: no way out,
 * or one that only others open, who don't get to run meanwhile. And those that
 * may go round for long.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SPIN_H
#define ASYNCLINT_ENGINE_SPIN_H

#include "engine/program.h"

enum spin_kind {
    SPIN_WAITS,   /* for what others change */
    SPIN_ENDLESS, /* nothing that it asks for ends it */
    SPIN_LONG,    /* it gets on, by rounds of rounds of which neither has a
                     number of its own */
};

struct spin {
    ir_id op;       /* in the loop's head */
    uint32_t block; /* … which block of the function that is */
    enum spin_kind kind;
};

struct spin_list {
    VEC(struct spin) items;
};

/* Those of one function, the outermost of nested ones, but instead of a LONG
 * one what is worse in it; in the order of the text. */
struct spin_list spin_list_find(const struct fn *fn, struct arena *arena);

/* What that looks for in the bodies of callees: they do nothing but read
 * memory. */
bool spin_is_getter(const struct fn *fn);

#endif
