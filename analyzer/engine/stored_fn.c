/*
 * Functions in fields, see stored_fn.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/stored_fn.h"

#include "engine/callee.h"

struct stored_fn stored_fn_find(const struct program *program,
                                const struct fn *by, ir_id op)
{
    const struct ir_unit *unit = by->unit;
    const struct ir_op *assign = &unit->ops.items[op];
    struct stored_fn stored = {.op = op};

    if (assign->kind != IR_ASSIGN ||
        unit->exprs.items[assign->a].kind != IR_EXPR_FIELD)
        return stored;
    stored.fn = program_fn_named(program, unit, assign->b);
    if (!stored.fn)
        return stored;
    stored.field = &unit->fields.items[unit->exprs.items[assign->a].field];
    stored.name = callee_field_name(program->arena, unit, stored.field);
    return stored;
}

bool stored_fn_is_marked(const struct stored_fn *stored, const struct fn *by,
                         enum marker_kind marker)
{
    return model_marker_find(by->view, marker, by->unit,
                             stored->field->annotations, stored->field->words,
                             stored->name);
}
