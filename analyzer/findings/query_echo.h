/*
 * What a rule may ask about mistakes that show more than once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_ECHO_H
#define ASYNCLINT_FINDINGS_QUERY_ECHO_H

#include "findings/query.h"

/* Whether the lock is destroyed wherever the event happens; not where a callee
 * works on it, as another one has before in the function: that was the mistake.
 */
bool query_is_destroyed(const struct query *query, const struct event *event);

#endif
