/*
 * Guards as variables with a scope: jumps into it, and guards that own nothing
 * for long; see query_scope.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_SCOPE_H
#define ASYNCLINT_FINDINGS_QUERY_SCOPE_H

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

/* The name of a variable, or of the macro that declared it. */
const char *query_var_name(const struct query *query, ir_id var);

/* The guard macro whose hidden loop a BREAK or CONTINUE ends, though a loop or
 * switch stands around it; NULL: the op is no such jump. */
const char *query_hidden_loop(const struct query *query, ir_id op);

enum guard_fate {
    GUARD_KEPT,
    GUARD_UNUSED,     /* the value that is the guard is thrown away */
    GUARD_NO_CLEANUP, /* its variable has no cleanup, and nobody drops it */
    GUARD_EMPTY,      /* its scope ends before anything is done */
};

/* What becomes of the guard that an ACQUIRE made. */
enum guard_fate query_guard_fate(const struct query *query,
                                 const struct event *acquired);

#endif
