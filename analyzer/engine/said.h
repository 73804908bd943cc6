/*
 * Functions without a body that say themselves what they do to a lock: by
 * clang's attributes for thread safety, or macros with their usual names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SAID_H
#define ASYNCLINT_ENGINE_SAID_H

#include "engine/program.h"

/* What the declaration of a function says of its call, or NULL. */
const struct meaning *said_find(const struct program *program,
                                const struct fn *caller,
                                const struct ir_op *call,
                                const struct ir_symbol *symbol);

/* Whether the function's own declaration says what it does to a lock. */
bool said_by(const struct fn *fn);
/* … or that its callers hold one. */
bool said_needed(const struct fn *fn);
/* Whether it says that nobody shall check what it does to locks. */
bool said_exempt(const struct fn *fn);

#endif
