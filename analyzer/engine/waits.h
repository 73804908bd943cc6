/*
 * Private to engine/: what decides whether a function waits at all, be it that
 * it suspends or that it blocks: one of its parameters (`if (can_sleep)
 * msleep(1)`), a field of what one points to (`if (!url->no_resolve)`), or that
 * it drops the last reference to something.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_WAITS_H
#define ASYNCLINT_ENGINE_WAITS_H

#include "engine/flow.h"

/* Whether this call does not suspend (or block), though its callee may: its
 * arguments say so, or it drops a reference, which will not be the last one. */
bool waits_not(const struct step *step, enum event_kind kind);

/* Settles what the function's callers are told; asks its events. */
void waits_summarise(struct flow *flow);

#endif
