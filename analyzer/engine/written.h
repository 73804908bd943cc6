/*
 * Private to engine/: who may write a field or a global, itself or in what it
 * calls. What nobody writes meanwhile is still what it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WRITTEN_H
#define ASYNCLINT_ENGINE_WRITTEN_H

#include "engine/effects.h"
#include "engine/program.h"

/* By number of the function; NULL: nobody can tell, since the path ends in
 * neither. Asked for the first time, the program is looked through. */
const bool *written_by(struct program *program, const struct path *path,
                       struct arena *scratch);

/* How often it was asked. */
uint32_t written_asked(const struct program *program);

#endif
