/*
 * Private to engine/: a function that takes no lock itself may be told to call
 * who does, or not to: `if (!is_locked) lock_and_count(list)`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_TOLD_H
#define ASYNCLINT_ENGINE_TOLD_H

#include "engine/flow.h"

/* Whether what callers may know decides if some such call is made. */
bool told_whether(const struct flow *flow);

#endif
