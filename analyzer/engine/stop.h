/*
 * How a function gets to a call that stops its thread: the shortest way along
 * calls that happen now. Solved once for the program, from the calls that stop
 * a thread backwards to all that lead there. What a task's own function does is
 * its mistake, and none of its callers': ways end there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_STOP_H
#define ASYNCLINT_ENGINE_STOP_H

#include "engine/program.h"

/* Fills `stops` of every function; needs the events and contexts. */
void stop_solve(struct program *program);

/* The kind of stop that a BLOCK event is by itself; STOP_COUNT: it leads to
 * one, or is another rule's matter (a bridge). */
enum stop_kind stop_kind_of(const struct event *event);

/* Of the functions that the event's call runs now, the one from which it is
 * the shortest way to a stop of that kind, or NULL. */
const struct fn *stop_next(const struct fn *fn, const struct event *event,
                           enum stop_kind kind);

#endif
