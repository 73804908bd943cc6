/*
 * What a rule may ask about markers: the words that say that a function is
 * async or that a call may suspend, where they are missing and where they are
 * in vain.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_MARKER_H
#define ASYNCLINT_FINDINGS_QUERY_MARKER_H

#include "findings/query.h"

/* Of a SUSPEND event: the pack that wants such calls to be marked, if this one
 * is not, though its writer could have; else NULL. */
const struct pack *query_await_lacks(const struct query *query,
                                     const struct event *event);
/* Of a function that may suspend and does not say so: the pack that wants it
 * to, and the call that shows it; else NULL. */
const struct pack *query_async_lacks(const struct query *query, ir_id *at);
/* The word for a marker in that pack, "await" or "ASYNC"; or NULL. */
const char *query_marker_word(const struct query *query,
                              enum marker_kind marker, const struct pack *pack);

/* The next call behind op `after` (0: the first) that is marked as one that
 * may suspend and never does; 0: no more. */
ir_id query_vain_await(const struct query *query, ir_id after);
/* What is called there, as the code writes it. */
const char *query_callee_name(const struct query *query, ir_id op);

#endif
