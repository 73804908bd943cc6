/*
 * What a rule may ask about locks that a function keeps on purpose: who has
 * seen to it that they are given back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_HANDOVER_H
#define ASYNCLINT_FINDINGS_QUERY_HANDOVER_H

#include "findings/query.h"

/* Whether an expression of the unit is a function that gives a lock of that
 * class back without having taken it. */
bool query_is_giver(const struct query *query, const struct ir_unit *unit,
                    ir_id id, const char *class);
/* `{.begin = take, .end = give}`: whoever calls the one calls the other. */
bool query_is_left_to_table(const struct query *query, const char *class);
/* `if (is_unused(pool)) return; … unlock(pool);`: false with the lock, true
 * without it, and all callers know. */
bool query_is_taken_over(const struct query *query);
/* `error = finish(store); if (error) goto unlock; … return 0;` with the lock,
 * of a callee that is not seen: what gives it back has to be that. */
bool query_is_left_to_callee(const struct query *query,
                             const struct event *taken,
                             const struct event *exit);

#endif
