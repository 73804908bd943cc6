/*
 * Private to engine/: when a function does to its caller's locks what its
 * summary says, by what it is given.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WHEN_H
#define ASYNCLINT_ENGINE_WHEN_H

#include "engine/effects.h"
#include "engine/flow.h"

/* What was done to a lock where the function returns. */
enum at_exit {
    AT_EXIT_NOT,
    AT_EXIT_DONE,
    AT_EXIT_OTHER, /* not, and callers can tell by what is returned */
};

/* For USES: what is known of a parameter in this state. */
void when_used(const struct flow *flow, const struct state *state,
               struct lock_effect *effect);
/* … for as long as the program: paths in conditions are the function's own. */
void when_keep(struct lock_effect *effect, struct arena *arena);
/* … only what holds of the other one, too. */
void when_common(struct lock_effect *effect, const struct lock_effect *other);
bool when_is_ever(const struct lock_effect *effect);

/* The same condition on the same parameter and flag. */
bool when_is_same(const struct lock_effect *one, const struct lock_effect *two);

/* In the caller: what holds if the callee does what USES says; NULL: it is told
 * not to. The step's own state, if nothing is known of that. */
const struct state *when_used_by(const struct step *step,
                                 const struct lock_effect *effect);

/* For TAKES and GIVES: whether all exits do it, but for those where there is no
 * such lock. */
bool when_always(const struct flow *flow, const enum at_exit *exits,
                 struct lock_effect *effect);

/* For GIVES: whether what the function returns tells callers if it did; notes
 * it. */
bool when_result_tells(const struct flow *flow, const enum at_exit *exits,
                       struct lock_effect *effect);

/* Which pointer on the way to the lock is NULL in this state, as a bit: there
 * is no lock then; 0: none is known to be. */
uint32_t when_null(const struct flow *flow, const struct state *state,
                   const struct path *path);

/* In the caller, when flags have been asked for: whether it is done in the
 * step's state. */
bool when_applies(struct step *step, const struct lock_effect *effect);

#endif
