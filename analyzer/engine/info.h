/*
 * Private to engine/: what is known of the locks that the function's ops take,
 * by op and slot.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_INFO_H
#define ASYNCLINT_ENGINE_INFO_H

#include "engine/flow.h"

const struct lock_info *info_get(const struct flow *flow, ir_id op,
                                 uint8_t slot);
const struct lock_info *info_of(const struct flow *flow,
                                const struct held_lock *held);
/* Of the lock that the op takes as `flow->slot`; on to its next one. */
void info_put(struct flow *flow, ir_id op, struct lock_info info);
void slot_next(struct flow *flow);

/* Whether the lock is an operand that could not be read, in code that does not
 * compile: two of them may be one lock or two. */
bool effect_is_unreadable(const struct flow *flow, const struct site *site,
                          const struct effect *effect);

#endif
