/*
 * Private to engine/: what decides whether a function waits at all: one of its
 * parameters (`if (can_sleep) msleep(1)`), or that it drops the last reference
 * to something.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WAITS_H
#define ASYNCLINT_ENGINE_WAITS_H

#include "engine/flow.h"

/* Whether this call does not suspend, though its callee may: its arguments say
 * so, or it drops a reference, which will not be the last one. */
bool waits_not(struct flow *flow, const struct state *state,
               const struct site *site);

/* Settles what the function's callers are told; asks its events. */
void waits_summarise(struct flow *flow);

#endif
