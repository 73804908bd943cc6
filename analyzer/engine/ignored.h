/*
 * Private to engine/: locks that were not got, where nobody minds.
 * `if (lock(m) != 0) log(…);` and then on, with or without it: what comes
 * behind was written for those who have it. So what is in between is followed,
 * and no path goes on from there without the lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_IGNORED_H
#define ASYNCLINT_ENGINE_IGNORED_H

#include "engine/flow.h"

/* Whether the edge leads a path on which a lock was not got back to where those
 * are who have it, and nothing there tells which of the two it was. */
bool ignored_ends(struct flow *flow, const struct state *state, uint32_t from,
                  uint32_t to);

#endif
