/*
 * Private to engine/: what effects on guards do to a state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_GUARD_H
#define ASYNCLINT_ENGINE_GUARD_H

#include "engine/flow.h"

void guard_enter(struct step *step, const struct effect *effect);
void guard_adopt(struct step *step, const struct effect *effect);
void guard_take(struct step *step, const struct effect *effect);
void guard_await(struct step *step, const struct effect *effect,
                 state_list *out);
/* Whether the call awaits a future that was made for a lock. */
bool guard_is_awaited(const struct step *step);
void guard_drop(struct step *step, const struct effect *effect);
void guard_move(struct step *step, const struct effect *effect);
/* The scope of a variable ends: what a macro's guard in it holds is let go.
 * False: it holds no guard. */
bool guard_scope_end(struct step *step, ir_id var);
void guard_unknown_end(struct step *step, ir_id var);

#endif
