/*
 * What a rule may ask about waits: with which lock, in a loop, for whom, and
 * what the one who ends the wait has to do for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_WAIT_H
#define ASYNCLINT_FINDINGS_QUERY_WAIT_H

#include "findings/query.h"

/* Whatever wakes somebody, in the order of functions and ops. */
struct signals {
    VEC(struct evidence) items;
};

const struct signals *signals_gather(const struct program *program,
                                     struct arena *arena);

/* Whether the lock that a wait gives back meanwhile is not held there, for
 * sure. */
bool query_waits_without(const struct query *query, const struct event *wait);

/* Whether all callers of the function are known, up to where threads begin, and
 * none of them holds the lock of a wait. */
bool query_is_handed_by_nobody(const struct query *query,
                               const struct event *wait);

/* Two waits for the same with different locks; the later one comes first. */
struct wait_pairs {
    VEC(struct wait_pair) items;
};

struct wait_pair {
    struct evidence wait;
    struct evidence other;
};

struct wait_pairs query_wait_pairs(const struct query *query);

/* Whether the wait is part of a loop, here or in whoever calls this function;
 * or is handed what it waits for, and may leave that to others. */
bool query_waits_in_loop(const struct query *query, const struct event *wait);

/* Whether the wait ends at a time that it is given, too. */
bool query_has_deadline(const struct query *query, const struct event *wait);

/* Whether the SIGNAL is for that wait. */
bool query_is_about(const struct event *signal, const struct event *wait);
/* … what is queued, whose name and what it lies in are in the text. */
bool query_is_queued(const struct event *start, const char *queued);

/* Who wakes the one who waits, and for it takes a lock of that class which the
 * one that is held keeps out; fn NULL: nobody is known to. The event is the
 * SIGNAL. */
struct evidence query_waker(const struct query *query, const struct event *wait,
                            const struct lock_info *held);

/* A wait in what the event calls, and who ends it but for that would take the
 * lock that is held at the event; waker.fn NULL: none is known. */
struct wait_below {
    struct evidence wait;
    struct evidence waker;
};

struct wait_below query_wait_below(const struct query *query,
                                   const struct event *event,
                                   const struct held *held);

/* What the event calls, or it itself, is not to be called with that lock held;
 * event NULL: nothing is. */
struct evidence query_excludes(const struct query *query,
                               const struct event *event,
                               const struct held *held);

#endif
