/*
 * What a rule may ask about functions that call each other in a circle: whether
 * one of them comes back to a lock that it holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_RECURSION_H
#define ASYNCLINT_FINDINGS_QUERY_RECURSION_H

#include "findings/query.h"

/* A lock that is held at a HANDS_LOCK event, and that the callee takes once
 * more on its way back to this function. */
struct retaken {
    const struct held *held; /* NULL: there is none */
    ir_id at;                /* where this function does so */
};
struct retaken query_retaken(const struct query *query,
                             const struct event *call);

#endif
