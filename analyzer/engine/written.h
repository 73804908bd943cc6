/*
 * Private to engine/: who may write a field or a global, itself or in what it
 * calls. What nobody writes meanwhile is still what it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WRITTEN_H
#define ASYNCLINT_ENGINE_WRITTEN_H

#include "base/vec.h"
#include "engine/effects.h"
#include "engine/program.h"

/* The field or global whose value the path leads to, by its name in the whole
 * program; NULL: the path ends in neither. */
const char *written_name(struct program *program, const struct path *path,
                         struct arena *scratch);

/* Whether the function writes it, itself or in what it calls. Asked for the
 * first time, the program is looked through. */
bool written_in(struct program *program, const char *name, const struct fn *fn);

/* What was asked and answered, for who keeps what comes of it; and to begin
 * anew. */
struct written_answer {
    const char *name;
    const struct fn *fn;
    bool is_written;
};
typedef VEC(struct written_answer) written_answers;
const written_answers *written_asked(const struct program *program);
void written_forget(struct program *program);

#endif
