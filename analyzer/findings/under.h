/*
 * What a rule may ask about functions that are called with a lock held: a pack
 * says so of the field that they are stored in, and nobody in the program need
 * be seen to call them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_UNDER_H
#define ASYNCLINT_FINDINGS_UNDER_H

#include "findings/check.h"
#include "findings/query_wait.h"

/* Tells where the function, or what it calls, takes the lock that its caller
 * holds, whatever it is called with. */
void under_check(struct check *check, const struct query *query);

/* The lock that the caller holds, as if the function held it; the class NULL:
 * there is none that is known. */
struct held query_under(struct check *check, const struct query *query);

/* Whether that lock has been given back where the event happens. */
bool query_is_under(const struct event *event, const struct held *held);

/* A function that runs under the lock that the event takes while another is
 * held, and takes that one; fn NULL: there is none. */
struct under_pair {
    const struct fn *fn;
    const struct held *outer;
    ir_id at; /* … where */
};

struct under_pair query_under_pair(const struct query *query,
                                   const struct event *taken);

/* Marks where the function is given to those who call it so. */
void diag_mark_under(struct check *check, struct diag *diag,
                     const struct fn *fn);

#endif
