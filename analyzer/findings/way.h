/*
 * How tasks get to what stops their thread: one way for each call in a task's
 * own function that leads there, told where it ends. Ways with the same end
 * are told together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_WAY_H
#define ASYNCLINT_FINDINGS_WAY_H

#include "engine/stop.h"
#include "findings/check.h"
#include "findings/query.h"

struct way {
    const struct fn *fn; /* where it begins: runs as a task, or is marked */
    const struct event *event; /* the call there */
    const struct fn *end_fn;
    const struct event *end; /* the call that stops the thread; the same as
                                `event` when it is made there */
    VEC(const struct way *) others; /* further ways that end in `end_fn` */
};

struct way_list {
    VEC(struct way *) items;
};

/* Those of the whole program, in the order of functions and calls. */
struct way_list way_list_build(struct check *check, const struct query *query,
                               enum stop_kind kind);

/* Marks the calls on the way, from the first function to the last, and names
 * the others that get there. */
void way_mark(struct check *check, struct diag *diag, const struct way *way,
              enum stop_kind kind);

/* Where the way begins that the function below marks (see context_root). */
const struct fn *way_root(const struct fn *fn);

/* Marks how the function gets to run in a task: the calls that lead to it,
 * the first one first. */
void way_mark_context(struct check *check, struct diag *diag,
                      const struct fn *fn);

/* Whether the event leads to a call of the world or to a bridge, or is one. */
bool way_stops(const struct fn *fn, const struct event *event);

/* Marks the calls from the event down to the one that stops the thread, or
 * else waits for another one, which is the cause then; none if the event is
 * that. */
void way_mark_down(struct check *check, struct diag *diag, const struct fn *fn,
                   const struct event *event);

/* Marks the calls from the event, which suspends, down to the one that does;
 * none if the event is that. */
void way_mark_suspension(struct check *check, struct diag *diag,
                         const struct query *query, const struct event *event);

/* Marks how the function gets to run outside tasks. */
void way_mark_outside(struct check *check, struct diag *diag,
                      const struct query *query);

/* Says of a suspension or a block that it is doubted: see engine/sure.h. */
void way_doubt_choice(struct check *check, struct diag *diag);

/* Makes a note of it, and says why, if it is in doubt whether the function runs
 * in a task at all: see engine/context.h. */
void way_doubt_context(struct check *check, struct diag *diag,
                       const struct fn *fn);

/* What to call instead, in words, or NULL. */
const char *way_instead(const struct way *way);

#endif
