/*
 * Private to engine/: guards that cross a call in memory, see hand.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_HAND_H
#define ASYNCLINT_ENGINE_HAND_H

#include "engine/flow.h"

/* Here a guard is dropped that holds nothing of ours: perhaps our caller's. */
void hand_drop(struct step *step, const struct effect *effect);
/* Where the caller finds the guard on the way out, or NULL. */
const struct path *hand_left_at(struct flow *flow, const struct state *state,
                                node_id guard);
/* In the caller: the guard that a TAKES leaves somewhere; it is stored there
 * after all that the call may have written. */
node_id hand_guard(const struct step *step, const struct lock_effect *effect);
void hand_guards_store(struct step *step, struct state *state);
/* A lock that is made and left somewhere for the caller, by a pointer to it;
 * in the caller, if the result says so. */
void hand_made_summarise(struct flow *flow);
void hand_made_store(struct step *step, struct state *state, state_list *out);
/* In the caller: a guard of ours is dropped in there. */
void hand_dropped(struct step *step, const struct lock_effect *effect);

/* Whether the place holds a guard that owns a lock. */
bool hand_owns(struct flow *flow, const struct state *state, node_id place);
/* In the caller: the guard in that place lets go while the callee waits. */
void hand_lent(struct flow *flow, struct state *waiting, node_id place);
/* Here a guard that was dropped takes its lock again, our caller's. */
void hand_take(struct step *step, const struct effect *effect);

#endif
