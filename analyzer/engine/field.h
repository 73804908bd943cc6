/*
 * Globals of a unit and fields of its records by name, and the names of the
 * lock classes that fields are. Asked for each lock of each callee at each
 * call, in units that may declare ten thousand of them: so found once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_FIELD_H
#define ASYNCLINT_ENGINE_FIELD_H

#include "engine/program.h"

/* The field of that name in the record of that name in the function's unit,
 * or 0. */
ir_id field_find(const struct program *program, const struct fn *fn,
                 const char *record, const char *field);

/* The global of that linker name in the function's unit, or 0. */
ir_id field_global(const struct program *program, const struct fn *fn,
                   const char *usr);

/* The class of a lock in a field of the function's unit. */
const char *field_class(const struct program *program, const struct fn *fn,
                        ir_id field);

#endif
