/*
 * The order of locks that their declarations give: `ACQUIRED_BEFORE(other)`
 * says that the other lock may be taken while this one is held, and never the
 * other way round.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_RANK_H
#define ASYNCLINT_FINDINGS_QUERY_RANK_H

#include "findings/query.h"

/* A lock is taken while one is held that is declared to come after it. */
struct rank_breach {
    const struct fn *fn;
    const struct event *event;
    const struct held *outer;
};

typedef VEC(struct rank_breach) rank_breach_list;

/* Of all functions, in the order of the program. */
rank_breach_list query_rank_breaches(const struct query *query);

#endif
