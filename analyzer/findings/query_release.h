/*
 * What a rule may ask about who gives a lock back: this function, its callers,
 * or nobody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_RELEASE_H
#define ASYNCLINT_FINDINGS_QUERY_RELEASE_H

#include "findings/query.h"

/* Whether the lock of that name is held in all states, taken here or there. */
bool query_always_holds(const struct event *event, const char *name);
/* Whether the function gives back what it has taken; giving back what its
 * caller holds is another thing. */
bool query_releases(const struct query *query, const char *class);

/* Whether the function is called a lock itself, by nobody here, and gives none
 * back: whoever calls it expects to have the lock then. */
bool query_is_named_lock(const struct query *query);

/* Whether a function that is called after a lock only tries to take this one,
 * and never gives it back: `my_rwlock_timedwrlock`, on success. */
bool query_tries_for_callers(const struct query *query,
                             const struct event *taken);

/* Whether nobody can give it back but this function, which does so elsewhere:
 * no other file has a name for it. */
bool query_is_ours_to_give(const struct query *query,
                           const struct event *taken);
/* Whether nobody in the program ever gives back a lock of that class, though no
 * other file has a name for it. */
bool query_is_never_given(const struct query *query, const struct event *taken);
/* Whether each round of a loop is to give it back, and only rounds are: then
 * one that goes on without keeps it for good. */
bool query_is_kept_by_round(const struct query *query,
                            const struct event *taken);

/* Whether the callers of the function may hold what a RELEASE gives back, which
 * it has not taken itself: not where all of them are known, up to where threads
 * begin, and none does. */
bool query_is_of_callers(const struct query *query,
                         const struct event *release);
/* Of a release by a call: whether it is told in the callee, for that reason. */
bool query_is_unheld_in_callee(const struct query *query,
                               const struct event *release);

/* The acquisition of another lock that was meant by a RELEASE: it is held
 * there and never given back, by nobody. Or NULL. */
const struct event *query_meant(const struct query *query,
                                const struct event *release);

/* Whether a recursive lock that the function has given back as often as it took
 * it may be its callers' still. */
bool query_is_callers_share(const struct query *query,
                            const struct event *release);
/* Whether the lock was freed while it was held, before the release. */
bool query_is_freed(const struct query *query, const struct event *release);

/* Of a release of what was not got: whether the attempt is an assertion that it
 * fails, since the caller has the lock: `assert(trylock(&m) == EBUSY)`. */
bool query_is_asserted_busy(const struct query *query,
                            const struct event *release);

/* Of a REDROP: how the code called it that gave it back by hand; its cleanup
 * may know it by the name of the guard only. */
const char *query_name_by_hand(const struct query *query,
                               const struct event *redrop);

#endif
