/*
 * What is asked again as soon as a lock was taken: `if (!ready) { lock(); if
 * (!ready) …`. Others may have changed it while we waited.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ANEW_H
#define ASYNCLINT_ENGINE_ANEW_H

#include "engine/flow.h"

/* At the end of a block that branches, in the state of one of its edges:
 * forgets what was known of the shared field or global that is asked for, if
 * the block takes a lock first. Where a flag says whether there is a lock at
 * all, the lock is taken in a block that only the flag leads to, and another
 * one asks for the flag. */
void anew_asked(struct flow *flow, struct state *state,
                const struct ir_block *block);

#endif
