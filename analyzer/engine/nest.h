/*
 * Private to engine/: one lock inside another, where classes don't tell them
 * apart. Written down in the last sweep only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_NEST_H
#define ASYNCLINT_ENGINE_NEST_H

#include "engine/flow.h"

/* The lock is being taken here. */
void nest_acquired(const struct step *step, node_id lock,
                   const struct lock_info *info);
/* … or by the callee, which is handed it or finds it by itself. */
void nest_used(const struct step *step, node_id lock,
               const struct lock_info *info, bool was_handed);
/* What the callee nests, in terms of this call's arguments. */
void nest_inherit(const struct step *step);
void nest_join(const struct step *step, const struct lock_nesting *theirs);
/* … of a function that is started with them, and takes them on its own. */
void nest_start(const struct step *step, struct fn *started,
                const struct lock_nesting *theirs);
/* After the last sweep. */
void nest_finish(struct flow *flow);
/* What is held around the nesting's outer lock here. */
void nest_gates(const struct step *step, struct nesting *nesting);

#endif
