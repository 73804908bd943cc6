/*
 * Guards as variables with a scope: what they are called, and guards that own
 * nothing for long.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_SCOPE_H
#define ASYNCLINT_FINDINGS_QUERY_SCOPE_H

#include "findings/query.h"

/* Whether the op gives the variable a value, itself or as a call that gets its
 * address; whether it is a call of its cleanup. */
bool query_sets_var(const struct query *query, ir_id op, ir_id var);
bool query_cleans_up_var(const struct query *query, ir_id op, ir_id var);

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
