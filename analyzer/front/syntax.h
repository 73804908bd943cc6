/*
 * Private to front/: expressions that libclang never saw, because a macro
 * dropped them. Their text is parsed with tree-sitter's C grammar.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FRONT_SYNTAX_H
#define ASYNCLINT_FRONT_SYNTAX_H

#include "front/lower.h"

/* What the text names in the function being built: an access path, a constant
 * or UNKNOWN. Locals by name (the newest wins), then file-scope names. */
ir_id syntax_path(struct lower *lower, const char *text, size_t length);

#endif
