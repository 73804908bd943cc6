/*
 * Semaphores by name, see permit_thing.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/permit_thing.h"

#include "engine/attribute.h"

enum {
    MOST_ALIASES = 4 /* variables that are another name of another name */
};

ir_id permit_only_value(const struct fn *fn, ir_id var)
{
    const struct ir_unit *unit = fn->unit;
    ir_id value = 0;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (!ir_op_sets(unit, op, var))
            continue;
        if (value)
            return 0;
        value = op->b;
    }
    return value;
}

static struct permit_thing thing_in(const struct program *program,
                                    const struct fn *fn, ir_id place)
{
    const struct ir_expr *expr = &fn->unit->exprs.items[place];
    struct arena *arena = program->arena;
    struct permit_thing thing = {.param = -1};

    if (expr->kind == IR_EXPR_VAR)
        thing.class = arena_printf(arena, "%u:%u", fn->number, expr->var);
    else
        thing.class = attribute_class(fn->unit, place, arena);
    return thing;
}

struct permit_thing permit_thing_at(const struct program *program,
                                    const struct fn *fn, ir_id value)
{
    const struct ir_unit *unit = fn->unit;
    struct permit_thing thing = {.param = -1};

    for (int i = 0; value && i < MOST_ALIASES; i++) {
        const struct ir_expr *expr = &unit->exprs.items[value];

        if (expr->kind == IR_EXPR_ADDR)
            return thing_in(program, fn, expr->a);
        if (expr->kind != IR_EXPR_VAR) {
            thing = thing_in(program, fn, value);
            if (thing.class)
                thing.class = arena_printf(program->arena, "*%s", thing.class);
            return thing;
        }
        thing.param = ir_param(fn->ir, expr->var);
        if (thing.param >= 0)
            return thing;
        value = permit_only_value(fn, expr->var);
    }
    return thing;
}

/* Where the result of a call is put. */
static struct permit_thing result_thing(const struct program *program,
                                        const struct fn *fn, ir_id call)
{
    const struct ir_unit *unit = fn->unit;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (ir_op_keeps(unit, op, call))
            return permit_thing_at(program, fn, op->a);
    }
    return (struct permit_thing){.param = -1};
}

struct permit_thing permit_thing_of(const struct program *program,
                                    const struct fn *fn, ir_id call,
                                    const struct effect *effect)
{
    if (effect->on.base == PLACE_RESULT)
        return result_thing(program, fn, call);
    if (effect->on.base != PLACE_ARG || effect->on.field_count)
        return (struct permit_thing){.param = -1};
    return permit_thing_at(program, fn,
                           ir_call_arg(fn->unit, call, effect->on.arg));
}
