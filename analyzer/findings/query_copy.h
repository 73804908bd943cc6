/*
 * Copies of locks, for the rule that tells of them; see query_copy.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_COPY_H
#define ASYNCLINT_FINDINGS_QUERY_COPY_H

#include "findings/query.h"

enum copy_way {
    COPY_ASSIGN,
    COPY_ARGUMENT, /* passed by value */
    COPY_RETURN,
    COPY_MEMORY,  /* memcpy and the like */
    COPY_REALLOC, /* moved */
    COPY_CLEAR,   /* memset */
};

/* An op that copies, moves or overwrites a lock. */
struct lock_copy {
    enum copy_way way;
    const char *name; /* the lock's, as it is called before */
    const char *with; /* the type it is copied with: `struct session` */
};

/* Behind query_lock_copy, of an op that may copy something. */
bool lock_copy_find(const struct query *query, ir_id op,
                    struct lock_copy *copy);

/* Whether the op copies a lock that was initialised, as far as is known, and
 * the copy is not made a lock of its own afterwards. */
static inline bool query_lock_copy(const struct query *query, ir_id op,
                                   struct lock_copy *copy)
{
    uint32_t kind = query_op(query, op)->kind;

    return (kind == IR_ASSIGN || kind == IR_RETURN || kind == IR_CALL) &&
           lock_copy_find(query, op, copy);
}

/* Whether the variable has a lock in it. */
bool query_holds_lock(const struct query *query, ir_id var);

#endif
