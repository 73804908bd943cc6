/*
 * What a rule may ask about ways around an acquisition: `goto out` before the
 * lock is taken, where it is given back behind `out`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_AROUND_H
#define ASYNCLINT_FINDINGS_QUERY_AROUND_H

#include "findings/query.h"

/* The branch from which a way leads straight to a RELEASE, before anything
 * takes its lock; no caller can hold it, or the other way would be a deadlock.
 * 0: there is none. */
ir_id query_around(const struct query *query, const struct event *release);

#endif
