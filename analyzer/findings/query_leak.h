/*
 * What a rule may ask about locks that are kept on the way out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_LEAK_H
#define ASYNCLINT_FINDINGS_QUERY_LEAK_H

#include "findings/query.h"

/* What the function returns when it fails, by what it returns at all: false,
 * NULL, or a negative number. */
enum exit_bucket query_failure(const struct query *query);

/* By the type that its declaration names: bool, gboolean. */
bool query_returns_truth(const struct query *query);

/* A way out of the function that keeps the lock of an ACQUIRE, which others
 * give back. */
struct leak {
    const struct event *exit;
    const struct held *held;
    bool is_of_others; /* a file that we were not shown may give it back */
};
bool query_leak(const struct query *query, const struct event *taken,
                struct leak *leak);
/* Whether all callers of the function are known, up to where threads begin, and
 * none of them gives back the lock of an ACQUIRE that it keeps. */
bool query_is_given_by_nobody(const struct query *query,
                              const struct event *taken);
/* Whether what is held on that way out hangs on a count that the function moves
 * both ways, or is left to a callback that gives it back. */
bool query_is_kept_on_purpose(const struct query *query,
                              const struct event *exit,
                              const struct held *held);
/* Whether it was taken in a callee that is told to keep it by mistake: what
 * comes of that is no other mistake. */
bool query_leaked_by(const struct query *query, const struct event *taken);

/* Whether a thread wakes another by giving that lock back, which the function
 * takes to be woken: a mutex that is used as a semaphore. */
bool query_is_wake_up(const struct query *query, const struct lock_info *lock);

#endif
