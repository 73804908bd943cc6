/*
 * Loops that keep a task from suspending.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_SPIN_H
#define ASYNCLINT_FINDINGS_QUERY_SPIN_H

#include "engine/spin.h"
#include "findings/query.h"

/* Loops that may go round for ever, or for long, in a task, without suspending.
 */
struct spin_list query_spins(struct check *check, const struct query *query);
/* What a long loop of the function should call now and then, or NULL. */
const char *query_checkpoint(const struct query *query);

#endif
