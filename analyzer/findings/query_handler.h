/*
 * What a rule may ask about signal handlers: which of them take a lock that
 * their thread may hold when the signal comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_HANDLER_H
#define ASYNCLINT_FINDINGS_QUERY_HANDLER_H

#include "findings/query.h"

struct handler_take {
    const struct fn *handler;
    const struct fn *in;       /* itself, or what it calls … */
    const struct event *taken; /* … and there the ACQUIRE */
    struct evidence other;     /* who takes it with signals let in */
};

struct handler_takes {
    VEC(struct handler_take) items; /* in the order of functions and ops */
};

struct handler_takes query_handler_takes(const struct query *query,
                                         struct arena *arena);

#endif
