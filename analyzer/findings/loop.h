/*
 * Private to findings/: loops. A macro with a guard hides its block in one,
 * which goes round once, and is none here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_LOOP_H
#define ASYNCLINT_FINDINGS_LOOP_H

#include "engine/program.h"

/* Whether the op is done again, in a loop of its function. */
bool loop_has(const struct fn *fn, ir_id op);

#endif
