/*
 * Locks that only their names tell: functions that no pack knows and that have
 * no body here, as in a file without its headers; and methods of objects that
 * are called after it. Names alone say little (a
 * reference is locked and unlocked, too), so the program has to bear them out:
 * most functions that take it have to give it back. What is guessed may wait
 * in any way, and may be taken again by who has it; only that it is not given
 * back, or given back twice, can be said of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_GUESS_H
#define ASYNCLINT_ENGINE_GUESS_H

#include "engine/program.h"

/* Looks at all calls of the program. Before function pointers are solved,
 * since whoever asks who is called asks for this, too. */
void guess_solve(struct program *program);

/* What a function of that name is taken for in calls of `fn`, or NULL. */
const struct meaning *guess_find(const struct program *program,
                                 const struct fn *fn, const char *name);

/* The same of a method of the lock: `mutex->lock(mutex)`. */
const struct meaning *guess_method_find(const struct program *program,
                                        const struct fn *fn,
                                        const struct ir_op *op);
/* Whether the name says that it gives back a lock, of one kind or another. */
bool guess_gives(const struct program *program, const char *name);

#endif
