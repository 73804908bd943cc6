/*
 * Whether the loop around a wait is the one that asks for its condition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_RETEST_H
#define ASYNCLINT_FINDINGS_QUERY_RETEST_H

#include "findings/query.h"

/* Whether, after the wait, what its question is about is used up before the
 * question is asked again. The wait stands in a loop. */
bool query_goes_on_unasked(const struct query *query, const struct event *wait);

#endif
