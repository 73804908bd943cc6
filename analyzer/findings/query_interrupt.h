/*
 * What a rule may ask about interrupts and timers: which of them may come
 * while a lock is held that they take, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_INTERRUPT_H
#define ASYNCLINT_FINDINGS_QUERY_INTERRUPT_H

#include "findings/query.h"

/* Whoever interrupts others and takes a spinlock, in the order of functions
 * and ops. */
struct interrupts {
    VEC(struct interrupt) items;
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

#endif
