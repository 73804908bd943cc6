/*
 * Values that have to be awaited, and what becomes of them; see query_owed.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_OWED_H
#define ASYNCLINT_FINDINGS_QUERY_OWED_H

#include "findings/query.h"

enum owed_fate {
    OWED_KEPT,        /* awaited, returned, stored or handed on */
    OWED_DROPPED,     /* nobody looks at it */
    OWED_OVERWRITTEN, /* … before something else takes its place, at `at` */
    OWED_FORGOTTEN,   /* … before its variable ends, at `at`, on some path */
};

struct owed {
    enum owed_fate fate;
    const char *name; /* of the call */
    ir_id at;
};

/* What becomes of the value that an op's call returned, if it is one that has
 * to be awaited; else it counts as kept. */
struct owed query_owed(const struct query *query, ir_id op);

#endif
