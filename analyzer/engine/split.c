/*
 * Two states behind one call, see split.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/split.h"

void split_context(struct step *step, state_list *out)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;
    bool is_in_task_if_true = meaning && meaning->context_test == ANSWER_MUST;
    struct state *other;

    if (!meaning || (meaning->context_test != ANSWER_MUST &&
                     meaning->context_test != ANSWER_NEVER))
        return;
    other = state_copy(flow->arena, step->state);
    if (!eval_assume(flow, other, step_result(step), false) ||
        !eval_assume(flow, step->state, step_result(step), true))
        return;
    step->state->whereabouts =
        is_in_task_if_true ? WHERE_IN_TASK : WHERE_OUTSIDE;
    other->whereabouts = is_in_task_if_true ? WHERE_OUTSIDE : WHERE_IN_TASK;
    vec_add(flow->arena, out, other);
}

void split_jump(struct step *step, state_list *out)
{
    const struct meaning *meaning = step->site->callee.meaning;
    struct flow *flow = step->flow;
    struct state *back;

    if (!meaning || !meaning->returns_twice)
        return;
    back = state_copy(flow->arena, step->state);
    if (!eval_assume(flow, back, step_result(step), true) ||
        !eval_assume(flow, step->state, step_result(step), false))
        return;
    back->met_locker = true;
    back->fates.count = 0;
    vec_add(flow->arena, out, back);
}
