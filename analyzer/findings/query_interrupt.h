/*
 * What a rule may ask about interrupts and timers: which of them may come
 * while a lock is held that they take, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_INTERRUPT_H
#define ASYNCLINT_FINDINGS_QUERY_INTERRUPT_H

#include "base/map.h"
#include "findings/query.h"

/* Whoever interrupts others and takes a spinlock, in the order of functions
 * and ops. */
struct interrupts {
    VEC(struct interrupt) items;
    VEC(struct masker) maskers; /* the first of each class … */
    struct map masked;          /* … its number */
};

/* Who takes a spinlock and keeps out bottom halves. */
struct masker {
    const struct fn *fn;
    const struct event *taken; /* the ACQUIRE */
};

struct interrupt {
    const struct fn *fn;       /* the handler */
    const struct fn *in;       /* itself, or what it calls … */
    const struct event *taken; /* … and there the ACQUIRE */
};

const struct interrupts *interrupts_gather(const struct program *program,
                                           struct arena *arena);

/* One that may come between an ACQUIRE of a spinlock and its release, for it
 * does not keep that out, and the function is known to run where it can; it
 * takes a lock of the same class. NULL: none is known. */
const struct interrupt *query_interrupted(const struct query *query,
                                          const struct event *taken);

/* Who keeps bottom halves out while he holds a lock of that class, which the
 * function, known to run where they can come, takes without. NULL: nobody. */
const struct masker *query_masked_elsewhere(const struct query *query,
                                            const struct event *taken);

/* What a RELEASE that turns interrupts on, or a call of who does, finds held:
 * a lock that is taken with interrupts off. `at`: the RELEASE itself, or the
 * HANDS_LOCK event of the call. */
struct let_in {
    const struct held *held;     /* NULL: nothing */
    const struct fn *in;         /* who turns them on … */
    const struct event *release; /* … and where */
};
struct let_in query_lets_in(const struct query *query, const struct event *at);

/* Of an interrupt's handler that waits for the end of a timer or the like: who
 * starts that; fn NULL: it does not. */
struct evidence query_waits_for_softirq(const struct query *query,
                                        const struct event *wait);

#endif
