/*
 * What parameters are given, see given.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/given.h"

#include "engine/pointer.h"

static bool add_all(struct program *program, struct given *given,
                    const struct given *others)
{
    bool has_grown = others->is_open && !given->is_open;

    given->is_open |= others->is_open;
    for (uint32_t i = 0; i < others->fns.items.count; i++)
        has_grown |= fn_list_add(program->arena, &given->fns,
                                 others->fns.items.items[i]);
    return has_grown;
}

/* One argument of a call. No function at all is none that is run. */
static bool argument_add(struct program *program, const struct fn *caller,
                         ir_id arg, struct given *given)
{
    const struct ir_expr *expr = &caller->unit->exprs.items[arg];
    struct given unknown = {.is_open = true};
    int param = pointer_param(caller, arg);
    struct fn *fn;

    if (ir_is_constant(expr))
        return false;
    if (param >= 0 && caller->given)
        return add_all(program, given, &caller->given[param]);
    fn = program_fn_named(program, caller->unit, arg);
    return fn ? fn_list_add(program->arena, &given->fns, fn)
              : add_all(program, given, &unknown);
}

/* A call of a function that runs its parameters. */
struct giving {
    const struct fn *caller;
    const struct fn *callee;
    const struct ir_op *call;
};

struct givings {
    struct arena arena;
    VEC(struct giving) items;
};

static void calls_gather(const struct program *program, const struct fn *caller,
                         struct givings *givings)
{
    const struct ir_unit *unit = caller->unit;

    for (uint32_t i = 0; i < caller->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[caller->ir->first_op + i];
        ir_id symbol = op->kind == IR_CALL && op->args.count
                           ? ir_call_symbol(unit, op)
                           : 0;
        struct fn *callee =
            symbol ? program_fn_find(program, unit, symbol) : NULL;
        struct giving giving = {caller, callee, op};

        if (callee && callee->given)
            vec_add(&givings->arena, &givings->items, giving);
    }
}

static bool giving_apply(struct program *program, const struct giving *giving)
{
    const struct fn *caller = giving->caller;
    const struct ir_list *args = &giving->call->args;
    bool has_grown = false;

    for (uint32_t i = 0; i < args->count && i < MOST_PARAMS; i++)
        has_grown |=
            argument_add(program, caller, ir_list_at(caller->unit, *args, i),
                         &giving->callee->given[i]);
    return has_grown;
}

static void fn_open(struct fn *fn)
{
    for (uint32_t i = 0; fn && fn->given && i < MOST_PARAMS; i++)
        fn->given[i].is_open = true;
}

/* Who goes by a pointer may be called with anything. */
static void pointers_open(const struct program *program,
                          const struct ir_unit *unit)
{
    for (uint32_t i = 1; i < unit->ops.count; i++) {
        const struct ir_op *op = &unit->ops.items[i];

        if (op->kind == IR_ASSIGN)
            fn_open(program_fn_named(program, unit, op->b));
        else if (op->kind == IR_RETURN)
            fn_open(program_fn_named(program, unit, op->a));
        for (uint32_t k = 0; op->kind == IR_CALL && k < op->args.count; k++)
            fn_open(
                program_fn_named(program, unit, ir_list_at(unit, op->args, k)));
    }
}

void given_solve(struct program *program)
{
    struct givings givings = {0};
    bool has_grown = true;
    bool is_wanted = false;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];

        if (!pointer_takes_functions(fn))
            continue;
        is_wanted = true;
        fn->given =
            arena_array(program->arena, MOST_PARAMS, sizeof(*fn->given));
    }
    for (uint32_t i = 0; is_wanted && i < program->units.count; i++)
        pointers_open(program, program->units.items[i].ir);
    for (uint32_t i = 0; is_wanted && i < program->fns.count; i++)
        calls_gather(program, program->fns.items[i], &givings);
    while (has_grown) {
        has_grown = false;
        for (uint32_t i = 0; i < givings.items.count; i++)
            has_grown |= giving_apply(program, &givings.items.items[i]);
    }
    arena_finish(&givings.arena);
}

static struct fn *suspending_find(const struct given *given)
{
    for (uint32_t i = 0; i < given->fns.items.count; i++)
        if (answer_can_be(given->fns.items.items[i]->summary.suspends))
            return given->fns.items.items[i];
    return NULL;
}

/* All that it may be is known, and nothing of it blocks. */
static bool is_harmless(const struct given *given)
{
    for (uint32_t i = 0; i < given->fns.items.count; i++)
        if (answer_can_be(given->fns.items.items[i]->summary.blocks))
            return false;
    return !given->is_open && given->fns.items.count;
}

static void event_settle(const struct fn *fn, struct event *event)
{
    const struct ir_op *op = &fn->unit->ops.items[event->op];
    int param = op->kind == IR_CALL ? pointer_param(fn, op->a) : -1;
    struct fn *suspending =
        param >= 0 ? suspending_find(&fn->given[param]) : NULL;

    if (suspending) {
        event->kind = EVENT_SUSPEND;
        event->answer = ANSWER_MAY;
        event->callee = suspending;
        event->is_given = true;
    }
    if (suspending || (param >= 0 && is_harmless(&fn->given[param])))
        event->is_indirect = false;
}

void given_settle(struct program *program)
{
    for (uint32_t i = 0; i < program->fns.count; i++) {
        struct fn *fn = program->fns.items[i];

        for (uint32_t k = 0; fn->given && k < fn->events.items.count; k++)
            if (fn->events.items.items[k].kind == EVENT_UNKNOWN)
                event_settle(fn, &fn->events.items.items[k]);
    }
}
