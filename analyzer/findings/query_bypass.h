/*
 * Jumps into the scope of a guard, past what gives it its value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_BYPASS_H
#define ASYNCLINT_FINDINGS_QUERY_BYPASS_H

#include "findings/query.h"

/* A variable with a cleanup whose scope is entered past its initialiser. */
struct bypass {
    ir_id var;
    ir_id op;      /* the jump, or what a switch's case leads to */
    ir_id cleanup; /* the call that will run on what was never set */
};

/* The bypass at index `at` of the function's, if there are so many. */
bool query_bypass(const struct query *query, uint32_t at,
                  struct bypass *bypass);

#endif
