/*
 * What is known of file descriptors and streams: that one does not block, that
 * one is in memory. It belongs to the value, whatever variable it is in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_MODE_H
#define ASYNCLINT_ENGINE_MODE_H

#include "engine/flow.h"

/* It is known of that value. */
bool mode_is_set(const struct state *state, struct values *values,
                 node_id value);

/* Of a lock's attribute: it has who takes the lock again fail. */
bool mode_refuses(const struct state *state, struct values *values,
                  node_id value);

/* It is from now on, or no longer. */
void mode_put(struct state *state, struct values *values, struct arena *arena,
              node_id value, bool has_it);

/* Where paths meet, for all values: what only `state` knows is forgotten. */
void mode_joined(struct values *values, struct state *state,
                 const struct state *other);

/* The effect's argument or result has the property from now on; or has it no
 * longer, if all that is missing is the flag that asks for it. */
void mode_set(const struct step *step, const struct effect *effect);

/* Which of its parameters the function leaves with it, and whether its result
 * has it, wherever it returns without an error: `set_nonblocking(fd)`. */
void mode_summarise(struct flow *flow);

/* The same, in a caller. */
void mode_inherit(const struct step *step);

#endif
