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

/* The same condition on the same parameter. */
bool when_is_same(const struct lock_effect *one, const struct lock_effect *two);

/* For TAKES and GIVES: why some exits do it, and others don't. False when it
 * can't be told; true, too, when all do. */
bool when_find(const struct flow *flow, const enum at_exit *exits,
               struct lock_effect *effect);

/* In the caller: of USES, whether the callee is told not to. */
bool when_rules_out(const struct step *step, const struct lock_effect *effect);

/* In the caller: adds states until each of them says what the flags of all
 * effects are. */
void when_split(const struct step *step, const struct lock_effects *effects,
                state_list *states);

/* In the caller, after that: whether it is done in the step's state. */
bool when_applies(struct step *step, const struct lock_effect *effect);

#endif
