/*
 * Private to engine/: what the answer to `a && b` tells of its parts once it
 * has been kept. `bool alone = !held && count; if (alone) lock();` takes the
 * lock only where `held` is false; the paths that met in between have forgotten
 * that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_IMPLIED_H
#define ASYNCLINT_ENGINE_IMPLIED_H

#include "engine/flow.h"

/* Assumes that a value in which paths met (a PHI) is true, or not. False: it
 * can't be. */
bool implied_assume(struct flow *flow, struct state *state,
                    const struct node *value, bool is_true);

#endif
