/*
 * Calls that answer alike for sure: a function that only reads answers the same
 * for the same arguments, as long as nothing that it reads is written.
 * `if (is_shared(x)) lock; … if (is_shared(x)) unlock;` asks one question. What
 * can't be proved so, question.h supposes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_PURE_H
#define ASYNCLINT_ENGINE_PURE_H

#include "engine/flow.h"

/* Whether it may have any. Of a function that has, the answer to what it asks
 * depends on what is written in other bodies. */
bool pure_may_be(const struct fn *fn);
/* Finds the calls of a function that are asked more than once. */
void pure_find(struct flow *flow);
/* The call's result is that of the same question before it, if there was. */
void pure_answer(const struct step *step);
/* Before the call: what it writes, answers may depend on. */
void pure_forget_call(const struct step *step);
/* … the ASSIGN. */
void pure_forget_store(struct flow *flow, struct state *state, ir_id op);

#endif
