/*
 * Private to engine/: calls that suspend only if they are given a flag
 * (GFP_KERNEL, not GFP_ATOMIC), and functions that hand such a flag on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ONLY_IF_H
#define ASYNCLINT_ENGINE_ONLY_IF_H

#include "engine/flow.h"

enum only_if_answer {
    ONLY_IF_GIVEN,   /* the flag is there, or none is asked for */
    ONLY_IF_LACKING, /* it is not there */
    ONLY_IF_UNKNOWN, /* who knows; if a parameter decides, that is noted */
};

/* Whether this call, which may suspend, does so with these arguments. */
enum only_if_answer only_if_asked(struct flow *flow, const struct state *state,
                                  const struct site *site);

/* Settles what the function's callers are told, in the end. */
void only_if_summarise(struct flow *flow);

#endif
