/*
 * Marking the bodies, see offload.h. A body is what the macro is given as an
 * argument, or the statement behind it that it wraps in a hidden loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/offload.h"

static bool offloads(const struct fn *fn, ir_id op)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_op *found = &unit->ops.items[op];
    const struct meaning *meaning;

    if (found->kind != IR_MACRO_BEGIN)
        return false;
    meaning = model_macro_find(
        fn->view, ir_text(unit, unit->macros.items[found->a].name));
    return meaning && meaning->body_offloaded;
}

/* The body of a macro with a scope ends where the scope's life does, last. */
static void body_mark(struct fn *fn, ir_id begin, bool *marks)
{
    const struct ir_unit *unit = fn->unit;
    ir_id macro = unit->ops.items[begin].a;
    ir_id scope = unit->macros.items[macro].scope;
    ir_id end = fn->ir->first_op + fn->ir->op_count;
    ir_id last = begin;

    for (ir_id op = begin; op < end; op++) {
        const struct ir_op *found = &unit->ops.items[op];

        if ((found->kind == IR_MACRO_END && found->a == macro) ||
            (scope && found->kind == IR_SCOPE_EXIT && found->a == scope))
            last = op;
    }
    for (ir_id op = begin + 1; op < last; op++)
        marks[op - fn->ir->first_op] = true;
}

void offload_solve(struct program *program)
{
    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];
        bool *marks = NULL;

        for (uint32_t k = 0; k < fn->ir->op_count; k++) {
            if (!offloads(fn, fn->ir->first_op + k))
                continue;
            if (!marks)
                marks = arena_array(program->arena, fn->ir->op_count,
                                    sizeof(*marks));
            body_mark(fn, fn->ir->first_op + k, marks);
        }
        fn->offloaded = marks;
    }
}
