/*
 * Private to findings/: the locks that objects of a type hold, by value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_INSIDE_H
#define ASYNCLINT_FINDINGS_QUERY_INSIDE_H

#include "findings/query.h"

/* A lock in a type: how it is reached, and its class if it is in a field. */
struct inside {
    const struct query *query;
    const char *path; /* ".lock", "" for the type itself */
    const char *class;
    uint32_t skip; /* how many that come before are not meant */
};

/* The first that is meant; `depth` is 0. */
bool inside_find(struct inside *inside, ir_id type, int depth);

/* The class of the lock in what an expression stands for; of a field that is
 * one itself, the field's, unless it may be no more than a handle. */
bool inside_expr_find(struct inside *inside, ir_id id);

#endif
