/*
 * Private to engine/: a function that takes no lock has nothing to solve; one
 * empty state stands for all of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WORTH_H
#define ASYNCLINT_ENGINE_WORTH_H

#include "engine/flow.h"

bool worth_solving(const struct flow *flow);
/* Whether it asks in which context it runs. */
bool worth_contexts(const struct flow *flow);

#endif
