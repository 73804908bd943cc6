/*
 * Functions that run where nothing may suspend, see atomic.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/atomic.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/callgraph.h"
#include "engine/stored_fn.h"

static void start_at(struct program *program, struct fn *to,
                     struct atomic_start start)
{
    if (!to->atomic)
        to->atomic = arena_copy(program->arena, &start, sizeof(start));
}

static void edges_gather(struct program *program, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];
        const struct ir_op *op = &fn->unit->ops.items[edge->op];

        if (edge->timing != TIMING_ATOMIC && edge->timing != TIMING_INTERRUPT)
            continue;
        for (uint32_t k = 0; k < edge->count; k++)
            start_at(program, edge->to[k],
                     (struct atomic_start){fn, edge->op,
                                           callee_find(program, fn, op).name,
                                           edge->timing});
    }
}

/* Of one unit: the same global, or the same field, of whatever. */
static bool is_same_object(const struct ir_unit *unit, ir_id one, ir_id two)
{
    const struct ir_expr *a = &unit->exprs.items[one];
    const struct ir_expr *b = &unit->exprs.items[two];

    if (a->kind != b->kind)
        return false;
    return a->kind == IR_EXPR_GLOBAL
               ? a->symbol == b->symbol
               : a->kind == IR_EXPR_FIELD && a->field == b->field;
}

/* Some call of `to` in the unit gets the address of the object. */
static bool is_handed(const struct ir_unit *unit, ir_id object, const char *to)
{
    for (uint32_t i = 1; i < unit->ops.count; i++) {
        const struct ir_op *op = &unit->ops.items[i];
        ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(unit, op) : 0;

        if (!symbol ||
            strcmp(ir_text(unit, unit->symbols.items[symbol].name), to) != 0)
            continue;
        for (uint32_t k = 0; k < op->args.count; k++) {
            const struct ir_expr *arg =
                &unit->exprs.items[ir_list_at(unit, op->args, k)];

            if (arg->kind == IR_EXPR_ADDR &&
                is_same_object(unit, arg->a, object))
                return true;
        }
    }
    return false;
}

static bool is_handed_so(const struct fn *fn, const struct stored_fn *stored)
{
    const char *to = model_handed_to(fn->view, stored->name);
    const struct ir_op *store = &fn->unit->ops.items[stored->op];

    return !to || is_handed(fn->unit, fn->unit->exprs.items[store->a].a, to);
}

/* Of several fields that it is in, the first that says so. */
static void under_note(struct program *program, const struct fn *fn,
                       const struct stored_fn *stored)
{
    struct under_start start = {fn, stored->op, stored->name,
                                model_called_under(fn->view, stored->name)};

    if (!start.lock || stored->fn->under || !is_handed_so(fn, stored))
        return;
    stored->fn->under = arena_copy(program->arena, &start, sizeof(start));
    vec_add(program->arena, &program->unders, stored->fn);
}

/* The unit sets the field, to whatever it is. */
static bool is_set(const struct ir_unit *unit, const char *name)
{
    for (uint32_t i = 1; i < unit->ops.count; i++) {
        const struct ir_op *op = &unit->ops.items[i];
        const struct ir_expr *to = &unit->exprs.items[op->a];

        if (op->kind == IR_ASSIGN && to->kind == IR_EXPR_FIELD &&
            !strcmp(ir_text(unit, unit->fields.items[to->field].name), name))
            return true;
    }
    return false;
}

static bool is_spared(const struct fn *fn, const struct stored_fn *stored)
{
    const char *set = model_spared_by(fn->view, stored->name);

    return set && is_set(fn->unit, set);
}

/* What is stored in a field whose functions run so. If others call it by its
 * name, it may know where it is. */
static void stores_gather(struct program *program, const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->stores.count; i++) {
        const struct stored_fn *stored = &fn->stores.items[i];

        under_note(program, fn, stored);
        if (stored_fn_is_marked(stored, fn, MARKER_INTERRUPTIBLE))
            stored->fn->is_interruptible = true;
        if (!stored->fn->is_called &&
            stored_fn_is_marked(stored, fn, MARKER_ATOMIC) &&
            !is_spared(fn, stored))
            start_at(program, stored->fn,
                     (struct atomic_start){fn, stored->op, stored->name,
                                           TIMING_UNKNOWN});
    }
}

/* `USART1_IRQHandler`: the linker's table has it by its name. */
static void names_gather(struct program *program, struct fn *fn)
{
    if (model_symbol_marker(fn->view, MARKER_ATOMIC, fn->unit, fn->symbol))
        start_at(program, fn, (struct atomic_start){0});
}

void atomic_solve(struct program *program)
{
    for (uint32_t i = 0; i < program->fns.count; i++) {
        names_gather(program, program->fns.items[i]);
        edges_gather(program, program->fns.items[i]);
        stores_gather(program, program->fns.items[i]);
    }
}
