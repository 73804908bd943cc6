/*
 * What a rule may ask about who comes back to a lock that he holds: in a circle
 * of calls, or to see that he is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_RECURSION_H
#define ASYNCLINT_FINDINGS_QUERY_RECURSION_H

#include "findings/query.h"

/* Whether who takes a lock asks whether he was refused it for holding it. */
bool query_expects_refusal(const struct query *query,
                           const struct event *taken);

/* A lock that is held at a HANDS_LOCK event, and that the callee takes once
 * more on its way back to this function. */
struct retaken {
    const struct held *held; /* NULL: there is none */
    ir_id at;                /* where this function does so */
};
struct retaken query_retaken(const struct query *query,
                             const struct event *call);

#endif
