/*
 * Private to engine/: questions that a function asks twice. `if (is_shared(s))
 * lock(…); … if (is_shared(s)) unlock(…);` gets the same answer, as a rule;
 * but where pure.h can't prove that, what is called in between may change it.
 * So the path on which the answers differ is followed, and doubted: nothing is
 * told of the locks on it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_QUESTION_H
#define ASYNCLINT_ENGINE_QUESTION_H

#include "engine/flow.h"

/* The branch `op` was taken, or not, in this state. */
void question_answered(struct flow *flow, struct state *state, ir_id op,
                       bool is_true);

/* … and a block entered that way. */
void question_entered(struct flow *flow, struct state *state, uint32_t block);

/* The same of a callee's question for what is kept in a global or a field, or
 * for some bits of it. */
void question_flagged(const struct step *step, struct state *state,
                      const struct path *flag, int64_t mask, bool is_true);

/* A lock is given back, and taken again: what was asked under it is asked anew
 * of all that others may have changed meanwhile. */
void question_given_back(struct state *state, node_id lock);
void question_retaken(const struct step *step, node_id lock);

/* Whether an exit's path is not doubted, or all of them are. */
bool question_is_believed(const struct flow *flow, const struct state *exit);

/* Keeps in `one` what both have been told. */
void questions_join(struct state *one, const struct state *two);
bool questions_equal(const struct state *one, const struct state *two);

#endif
