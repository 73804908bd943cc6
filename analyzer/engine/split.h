/*
 * Private to engine/: calls whose result says where the code goes on, so that
 * there are two states behind them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SPLIT_H
#define ASYNCLINT_ENGINE_SPLIT_H

#include "engine/flow.h"

/* `if (in_task())`: each of the two knows where it is from here on. */
void split_context(struct step *step, state_list *out);
/* `if (setjmp(…))`: where it comes back to, which locks are held is up to who
 * jumped. */
void split_jump(struct step *step, state_list *out);

#endif
