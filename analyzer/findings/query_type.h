/*
 * What a rule may ask about types.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_TYPE_H
#define ASYNCLINT_FINDINGS_QUERY_TYPE_H

#include "findings/query.h"

/* Whether something that a SPAWN event's call is given leads to a type that
 * must not go to another thread: by its fields, and through a few pointers. */
struct type_found {
    const char *type; /* as the pack names it */
    const char *path; /* `request.log.count` */
};
bool query_not_send(struct check *check, const struct query *query,
                    const struct event *spawn, struct type_found *found);

/* Whether a pack gives a type of the function's unit that enum type_trait. */
bool query_type_has(const struct fn *fn, ir_id type, uint32_t trait);

#endif
