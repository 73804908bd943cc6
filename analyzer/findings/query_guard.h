/*
 * What is used under which lock, as far as annotations or the program's habits
 * tell. Read-only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_GUARD_H
#define ASYNCLINT_FINDINGS_QUERY_GUARD_H

#include "findings/query.h"

/* Whether the lock guards what a STALE event's pointer was found in: because
 * an annotation says so, or because nearly everybody holds it who uses that
 * field or global. */
enum guard_evidence { GUARD_NONE, GUARD_SAID, GUARD_USUAL };
struct guard_answer {
    enum guard_evidence evidence;
    const char *thing; /* `cache.head` */
    uint32_t uses;
    uint32_t held;
};
struct guard_answer query_guard(const struct query *query,
                                const struct stale *stale);

/* Whether a STALE event before this one is of the same kind, and of what was
 * got at the same place: one use that is too late is enough. */
bool query_is_told(const struct query *query, const struct event *stale);

#endif
