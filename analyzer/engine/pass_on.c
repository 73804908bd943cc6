/*
 * Handing on what one was given, see pass_on.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pass_on.h"

#include <string.h>

#include "engine/field.h"
#include "engine/path.h"

bool pass_on_is_plain(const struct flow *flow, const struct state *state,
                      int param, node_id value)
{
    if (param < 0 || path_param(flow, value) != param || state->held.count ||
        state->fates.count || state->dropped.count || state->is_full)
        return false;
    for (uint32_t i = 0; i < state->store.count; i++)
        if (place_is_shared(&flow->values, state->store.items[i].place))
            return false;
    return true;
}

/* A struct that each of two files defines for itself has two classes. */
static bool is_same_field(const struct flow *flow, const struct path_step *step)
{
    ir_id field =
        field_find(flow->program, flow->fn, step->record, step->field);
    const char *class =
        field ? field_class(flow->program, flow->fn, field) : step->class;

    return class == step->class || !strcmp(class, step->class);
}

bool pass_on_is_same(const struct flow *flow, const struct fn *callee,
                     const struct path *path)
{
    bool is_other_unit = callee->unit != flow->fn->unit;

    for (int i = 0; i < path->step_count; i++) {
        const struct path_step *step = &path->steps[i];

        if (step->kind == STEP_INDEX ||
            (step->kind == STEP_FIELD && is_other_unit &&
             !is_same_field(flow, step)))
            return false;
    }
    return path->step_count &&
           path->steps[path->step_count - 1].kind == STEP_FIELD;
}
