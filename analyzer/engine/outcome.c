/*
 * What a call's result tells of what the call did: a lock was taken, or not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/flow.h"

enum { INTERRUPTED = 4, BUSY = 16 }; /* EINTR and EBUSY, of any Unix */

static bool assume_number(struct step *step, struct state *state,
                          int64_t number)
{
    return state_assume_range(state, &step->flow->values, step->flow->arena,
                              step_result(step), number, number);
}

bool step_assume(struct step *step, struct state *state, enum outcome outcome,
                 bool is_taken)
{
    struct flow *flow = step->flow;
    node_id result = step_result(step);

    switch (outcome) {
    case OUTCOME_ZERO:
        return eval_assume(flow, state, result, !is_taken);
    case OUTCOME_NO_ERROR:
        return state_assume_range(state, &flow->values, flow->arena, result,
                                  is_taken ? 0 : INT64_MIN, is_taken ? 0 : -1);
    case OUTCOME_NOT_BUSY:
        return assume_number(step, state, is_taken ? 0 : BUSY);
    case OUTCOME_NOT_ONE:
        return assume_number(step, state, is_taken ? 0 : 1);
    case OUTCOME_NOT_INTERRUPTED:
        return assume_number(step, state, is_taken ? 0 : -INTERRUPTED);
    case OUTCOME_NONZERO: /* true is one: `!= TRUE` is false */
        return is_taken ? assume_number(step, state, 1)
                        : eval_assume(flow, state, result, false);
    case OUTCOME_NEGATIVE:
    case OUTCOME_NOT_NEGATIVE:
        if ((outcome == OUTCOME_NEGATIVE) == is_taken)
            return state_assume_range(state, &flow->values, flow->arena, result,
                                      INT64_MIN, -1);
        return state_assume_range(state, &flow->values, flow->arena, result, 0,
                                  INT64_MAX);
    case OUTCOME_ALWAYS:
        return true;
    }
    return true;
}
