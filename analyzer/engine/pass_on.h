/*
 * Handing on what one was given: `step(object, n - 1)` in a function that got
 * `object`. What the callee finds behind it is then found by the same path
 * from here, so that long chains of calls need not follow it again in each of
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_PASS_ON_H
#define ASYNCLINT_ENGINE_PASS_ON_H

#include "engine/effects.h"
#include "engine/flow.h"

/* Whether the value is what our own parameter of that number was given, and
 * all that it leads to is as it was: nothing was stored where others can see
 * it, and nothing is known of any lock. */
bool pass_on_is_plain(const struct flow *flow, const struct state *state,
                      int param, node_id value);

/* Whether the path leads to a field, through fields and pointers which are
 * called in our unit what they are called in the callee's. */
bool pass_on_is_same(const struct flow *flow, const struct fn *callee,
                     const struct path *path);

#endif
