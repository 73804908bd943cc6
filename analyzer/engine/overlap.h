/*
 * What may run at the same time. A root is where something begins that runs
 * beside others: `main`, a thread, a task, a job of a pool, or a function that
 * code outside the program may call. Two places overlap when roots that lead
 * to them do: a thread overlaps with what its starter does from then on until
 * it joins it, with what that calls and what it starts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_OVERLAP_H
#define ASYNCLINT_ENGINE_OVERLAP_H

#include "engine/calls.h"

enum root_kind {
    ROOT_NONE,
    ROOT_MAIN,
    ROOT_TASK,
    ROOT_THREAD,
    ROOT_JOB,      /* on a pool */
    ROOT_CALLBACK, /* of an event loop: one after the other */
    ROOT_OUTSIDE,  /* called by who knows whom */
};

struct place_run {
    const struct fn *fn;
    ir_id op;
};

struct overlap;

struct overlap *overlap_new(const struct calls *calls, struct arena *arena);

enum root_kind overlap_root(const struct overlap *overlap, const struct fn *fn);

/* Whether two places, which may be the same, can be executed at the same time.
 * Then `*one` and `*two` are the roots from which, by known ones if there are
 * any. */
bool overlap_find(struct overlap *overlap, struct place_run first,
                  struct place_run second, const struct fn **one,
                  const struct fn **two);

#endif
