/*
 * Where a circle of locks is told, and which of those that are told at one
 * place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_FINDINGS_QUERY_CYCLE_H
#define ASYNCLINT_FINDINGS_QUERY_CYCLE_H

#include "findings/query.h"

/* Told where the circle closes: at the last of its legs in the text. */
uint32_t cycle_last_leg(const struct lock_cycle *cycle);

/* The call or op in the function that holds the outer lock. */
ir_id leg_place(const struct lock_leg *leg);

/* By what is known of it: that it can close is a guess, likely, or sure. */
enum severity cycle_severity(const struct lock_cycle *cycle);

/* What one call takes while one lock is held is one mistake, however many
 * locks that are and circles it closes. Whether another of them, or an earlier
 * one that is as bad, is to be told instead of number `at`. */
bool cycle_has_worse(const lock_cycle_list *cycles, uint32_t at);

/* Whether one of them is closed by what the op takes. */
bool cycle_has_place(const lock_cycle_list *cycles, const struct fn *fn,
                     ir_id op);

/* Who runs a leg: `a thread`. */
const char *leg_root_words(const struct lock_leg *leg);

/* `'worker' → 'serve' → 'store'`, from where it begins to run. */
const char *leg_route_words(struct arena *arena, const struct lock_leg *leg);

#endif
