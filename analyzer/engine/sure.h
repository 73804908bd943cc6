/*
 * How sure it is that what a call leads to suspends or blocks. Through a table
 * of many functions, of which one does, every call of the table may; that it
 * does here is possible, and no more. Every way from the call has to lead
 * through such a pointer for it to be in doubt.
 *
 * And what blocks is asked of the runtime whose tasks run it: the file that
 * makes the call need not know of it.
 *
 * A pack without tasks says that a call suspends if it waits for who holds that
 * pack's own lock, as RCU's grace periods wait for readers: only that lock must
 * not be held there, and others may.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SURE_H
#define ASYNCLINT_ENGINE_SURE_H

#include "engine/program.h"

/* Fills `is_doubted`, `is_spared` and `is_of_section` of all events that wait;
 * needs the events and the contexts. */
void sure_solve(struct program *program);

/* Whether a SUSPEND event minds that this lock is held. */
static inline bool sure_minds(const struct event *await,
                              const struct held *held)
{
    return !await->is_of_section || held->lock.is_nameless;
}

#endif
