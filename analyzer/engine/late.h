/*
 * What a function does with a parameter after it was suspended: whoever hands
 * it something that belongs to the thread wants to know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LATE_H
#define ASYNCLINT_ENGINE_LATE_H

#include "engine/program.h"

/* Whether the function may use that parameter after it was suspended, itself
 * or in what it hands it to. */
bool late_uses(const struct fn *fn, uint32_t param);

#endif
