/*
 * Where async code takes blocking locks. Places that have the same to fear, as
 * one holder of that class of locks waits while he has it, are told together:
 * what is to be mended is what that holder does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_TAKING_H
#define ASYNCLINT_FINDINGS_TAKING_H

#include "findings/check.h"
#include "findings/query.h"

struct taking {
    const struct fn *fn;
    const struct event *event;       /* an ACQUIRE */
    const struct evidence *evidence; /* what that holder does, or NULL */
    enum severity severity;
    VEC(struct taking) others; /* further places with that evidence */
};

struct taking_list {
    VEC(struct taking) items;
    struct map by_evidence;
};

/* What is taken in a task's own function is told there; what shared functions
 * take is told once for each evidence: where its holder takes it, if that is
 * in async code, too, else where it is met first. */
void taking_add(struct check *check, struct taking_list *list,
                const struct taking *taking);

/* Whether the lock is held until the task suspends, in that function, or in
 * all that get it from there: the same mistake, and a worse one, of which
 * blocking-lock-across-await tells. */
bool taking_is_crossed(const struct query *query, const struct event *acquired);

#endif
