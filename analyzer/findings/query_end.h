/*
 * What a rule may ask about works, timers and handlers, and those who wait
 * until they are over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_END_H
#define ASYNCLINT_FINDINGS_QUERY_END_H

#include "findings/query_wait.h"

/* Whether a wait is for the end of what that function is the start of. */
bool query_waits_for(const struct query *query, const struct event *wait,
                     const struct fn *started);

/* Who has started what this function is, or what always calls it, and what the
 * wait is for: it waits for its own end. The event is the SIGNAL; fn NULL:
 * nobody. */
struct evidence query_waits_for_itself(const struct query *query,
                                       const struct event *wait);

#endif
