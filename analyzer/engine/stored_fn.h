/*
 * Private to engine/: functions that are stored in fields. Who calls them there
 * may be unknown, and what a pack says of the field still holds of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_STORED_FN_H
#define ASYNCLINT_ENGINE_STORED_FN_H

#include "engine/program.h"

struct stored_fn {
    struct fn *fn; /* NULL: the op stores none in a field, or has no body */
    ir_id op;      /* of who stores it */
    const struct ir_field *field;
    const char *name; /* as packs call the field; in the program's arena */
};

/* Of one op. What all of a function's store is in `stores`, by op. */
struct stored_fn stored_fn_find(const struct program *program,
                                const struct fn *by, ir_id op);

/* Whether a pack that counts where it is stored marks the field so. */
bool stored_fn_is_marked(const struct stored_fn *stored, const struct fn *by,
                         enum marker_kind marker);

#endif
