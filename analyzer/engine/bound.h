/*
 * Private to engine/: what belongs to the thread that runs a function, and
 * which values come from there: addresses of thread-local data, what it points
 * to, and what calls return of which a pack says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_BOUND_H
#define ASYNCLINT_ENGINE_BOUND_H

#include "engine/flow.h"

/* Whether the expression is a pointer to where errors are left. */
bool bound_is_error(const struct flow *flow, ir_id expr);
/* What a call returns, if that belongs to the thread: the call's name. */
const char *bound_result(const struct flow *flow, const struct node *node);
/* What the value was got from that belongs to the thread, or NULL. A copy of
 * what a thread-local variable holds is a value like any other, except for
 * pointers. */
const char *bound_from(struct flow *flow, node_id value, bool is_pointer);

#endif
