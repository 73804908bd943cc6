/*
 * Private to engine/: what a call does to a state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_INVOKE_H
#define ASYNCLINT_ENGINE_INVOKE_H

#include "engine/flow.h"

/* Applies a call, or a macro that counts as one, and hands on what is left. */
void call_apply(struct step *step, state_list *out);

/* effect.c: all that a pack says of it. */
void effects_apply(struct step *step, const struct meaning *meaning,
                   state_list *out);

#endif
