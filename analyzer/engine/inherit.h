/*
 * Private to engine/: what a callee does to our locks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_INHERIT_H
#define ASYNCLINT_ENGINE_INHERIT_H

#include "engine/flow.h"

/* `c->lock` in the callee is `s->ctx->lock` here. */
const char *inherit_name(const struct step *step, const struct path *path,
                         const struct lock_info *there);
/* A lock of the callee's summary: as the callee knows it, named as here; and as
 * it is known here, where it is at the place `lock`, or 0. */
struct lock_info inherit_info_there(const struct step *step,
                                    const struct lock_effect *effect);
struct lock_info inherit_info(const struct step *step,
                              const struct lock_effect *effect, node_id lock);
/* A lock that the callee takes or gives back, if it does so here. */
void inherit_effect(struct step *step, const struct lock_effect *effect,
                    state_list *out);
void inherit_apply(struct step *step, state_list *out);
void inherit_callbacks(struct step *step);
/* Takes away, from the state in which a callee waits, the locks that it gives
 * back before. */
void inherit_excursions(struct flow *flow, struct state *waiting,
                        const struct site *site, enum lock_effect_kind kind);

/* The result, narrowed to what the callee returns at such exits; nothing is
 * known where these can't be told from the others. False: it can't be. */
bool inherit_assume(struct step *step, struct state *state, uint32_t buckets,
                    uint32_t others);

#endif
