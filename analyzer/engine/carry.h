/*
 * Private to engine/: what variables carry past the end of what it was got
 * under (struct carried in state.h), followed along the paths on which the
 * locks are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CARRY_H
#define ASYNCLINT_ENGINE_CARRY_H

#include "engine/flow.h"

/* ---- carry.c, carry_use.c: what belongs to a thread */
/* Whether there is anything to follow apart from locks. */
bool carry_matters(const struct flow *flow);
/* Before the op: what it uses. */
void carry_use(struct flow *flow, struct state *state, ir_id op);
/* After an assignment. */
void carry_assign(struct flow *flow, struct state *state, ir_id op,
                  node_id value);
void carry_call(struct step *step);
/* Where a call suspends; `waiting`: the state in which it does. */
void carry_wait(struct step *step, const struct state *waiting);
/* What must not go to another thread: the call that returned it, or NULL. */
const char *carry_not_send(const struct flow *flow, node_id value);
/* What the value was got from that belongs to the thread, or NULL. */
const char *carry_bound_from(struct flow *flow, node_id value);
/* The field that was given it, or 0: it was a variable. */
ir_id carry_field(const struct flow *flow, const struct carried *carried);
/* Whether the expression is what carries it: the variable, or that field. */
bool carry_is(const struct flow *flow, ir_id expr,
              const struct carried *carried);
/* How the code calls what is carried. */
const char *carry_name(const struct flow *flow, const struct carried *carried);
void carry_exit(struct flow *flow, const struct state *state, ir_id op);

/* ---- escape.c: pointers to what a lock guards that was held */
void escape_assign(struct flow *flow, struct state *state, ir_id op);
void escape_wait(struct step *step, const struct state *waiting);
void escape_use(struct flow *flow, const struct state *state, ir_id op,
                const struct carried *carried);
/* After the op, in each state that comes out. */
void escape_settle(struct flow *flow, struct state *state, ir_id op);

/* ---- share.c: what is given to another task, and whose reference that is */
bool share_matters(const struct flow *flow);
void share_call(struct step *step);

#endif
