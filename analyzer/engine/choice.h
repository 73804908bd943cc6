/*
 * Private to engine/: what a call through a pointer does to our locks, which
 * may run one of several functions. What all of them do is done; what only
 * some do is done perhaps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CHOICE_H
#define ASYNCLINT_ENGINE_CHOICE_H

#include "engine/flow.h"
#include "engine/group.h"

/* Whether the step is such a call, and its functions are seen. */
bool choice_is_known(const struct step *step);

/* Applies to the step's state what is certain or possible; states that part
 * from it go to `out`. */
void choice_apply(struct step *step, state_list *out);

/* The locks that such a group of functions takes or gives back. */
void choice_moves_find(struct program *program, struct fn_group *group);

#endif
