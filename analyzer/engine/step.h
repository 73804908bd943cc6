/*
 * Private to engine/: one call in one state, and what effects do there. It
 * is a part of flow.h, which includes it in its middle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_STEP_H
#define ASYNCLINT_ENGINE_STEP_H

#include "engine/flow.h"

/* One call in one state: the effects see what the ones before them did. */
struct step {
    struct flow *flow;
    struct state *state;
    const struct site *site;
    ir_id op;
    bool is_result_used;
};

/* ---- effect.c */
node_id step_result(const struct step *step);
/* The lock is held from now on, taken by this op. */
void step_hold(struct step *step, const struct effect *effect, node_id lock,
               node_id guard, bool is_deferred);
/* The same, unless it is held already (a recursive one only counts). */
void step_take(struct step *step, const struct effect *effect, node_id lock,
               node_id guard);
bool step_conditions_hold(const struct step *step, const struct effect *effect);
/* None of them is known not to. */
bool step_conditions_may_hold(const struct step *step,
                              const struct effect *effect);
/* That the call's result says whether the lock is taken; false: it can't be. */
bool step_assume(struct step *step, struct state *state, enum outcome outcome,
                 bool is_taken);
/* Writes down that it is being taken, before it is. */
void step_acquired(struct step *step, const struct effect *effect, node_id lock,
                   bool by_guard);
/* Applies one op to a state; what comes out is added to `out` (several states
 * when a try-lock may fail, none when the op does not return). */
void effect_op(struct flow *flow, struct state *state, ir_id op,
               state_list *out);

#endif
