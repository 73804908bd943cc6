/*
 * Functions that run where nothing may suspend, as rules see them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_ATOMIC_H
#define ASYNCLINT_FINDINGS_QUERY_ATOMIC_H

#include "findings/check.h"
#include "findings/query.h"

/* Whether a SUSPEND event is a mistake of such a function: not if it is made
 * with a blocking lock held, which is told of that lock. */
bool query_suspends_in_atomic(const struct query *query,
                              const struct event *event);

/* Marks where the function is given to those who call it so. */
void diag_mark_atomic(struct check *check, struct diag *diag,
                      const struct query *query);

#endif
