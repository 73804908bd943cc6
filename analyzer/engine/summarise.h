/*
 * Private to engine/: what we do to our caller's locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_SUMMARISE_H
#define ASYNCLINT_ENGINE_SUMMARISE_H

#include "engine/flow.h"

/* A suspension, or a call that blocks (`kind` is of the excursion): which of
 * the caller's locks are not held there. */
void summarise_wait(struct flow *flow, const struct state *waiting,
                    enum lock_effect_kind kind);
struct lock_use {
    ir_id op;
    node_id lock;
    const struct path *path; /* that leads there, if somebody knows; or NULL */
    const struct lock_info *info;
    struct lock_effect *theirs; /* the callee's that says so, or NULL */
    struct flag flag;           /* … only then */
};
void summarise_use(struct flow *flow, const struct state *state,
                   const struct lock_use *use);
/* The effect of that kind on that path, made if there is none; or NULL. */
struct lock_effect *summarise_effect(struct flow *flow,
                                     enum lock_effect_kind kind,
                                     const struct path *path);
/* After the last sweep: what holds at the exits. */
void summarise_exits(struct flow *flow);

#endif
