/*
 * Who holds a spinlock, and may be interrupted by who wants it: a handler that
 * takes it, too, may come in between (a deadlock like that of who takes a lock
 * twice, and told under its name). For a program that is a signal, and any
 * lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_INTERRUPTED_H
#define ASYNCLINT_FINDINGS_INTERRUPTED_H

#include "findings/check.h"
#include "findings/query.h"

/* Tells where the function takes such a lock with interrupts on, or lets them
 * in while it holds one that it took with interrupts off. */
void interrupted_check(struct check *check, const struct query *query);

/* Tells, for the whole program, which signal handlers take what their thread
 * may hold. */
void interrupted_by_signals(struct check *check, const struct query *query);

#endif
