/*
 * Writing out the call graph, see calls.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/calls.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/pointer.h"

struct finder {
    struct calls *calls;
    struct arena *arena;
    const struct fn *fn;
    const struct ir_op *op;
    ir_id at;
};

static void call_add(struct finder *finder, const struct fn *callee)
{
    struct call call = {finder->fn, callee, finder->at};

    vec_add(finder->arena, &finder->calls->items, call);
}

/* The functions that an argument may be. */
static struct fn_list argument_fns(const struct finder *finder, uint32_t arg)
{
    const struct ir_unit *unit = finder->fn->unit;
    const struct program *program = finder->calls->program;
    ir_id expr = unit->lists.items[finder->op->args.first + arg];
    struct fn_list list = {0};
    struct fn *fn;

    if (unit->exprs.items[expr].kind != IR_EXPR_FN)
        return pointer_targets(program, finder->fn, expr);
    fn = program_fn_find(program, unit, unit->exprs.items[expr].symbol);
    if (fn)
        vec_add(finder->arena, &list.items, fn);
    return list;
}

static enum timing timing_of(const struct callee *callee, uint32_t arg)
{
    for (int i = 0; callee->meaning && i < callee->meaning->callback_count; i++)
        if (callee->meaning->callbacks[i].arg == (int)arg)
            return callee->meaning->callbacks[i].timing;
    return callee->meaning || !callee->body
               ? TIMING_UNKNOWN
               : pointer_param_timing(callee->body, arg);
}

static bool is_written_out(const struct finder *finder, uint32_t arg)
{
    const struct ir_unit *unit = finder->fn->unit;

    return unit->exprs.items[unit->lists.items[finder->op->args.first + arg]]
               .kind == IR_EXPR_FN;
}

static void argument_find(struct finder *finder, const struct callee *callee,
                          uint32_t arg)
{
    struct fn_list given = argument_fns(finder, arg);
    enum timing timing = timing_of(callee, arg);
    struct start start = {
        .starter = finder->fn,
        .op = finder->at,
        .timing = timing,
        .is_bridge = callee->meaning && callee->meaning->is_bridge,
    };

    for (uint32_t i = 0; timing != TIMING_NOW && i < given.items.count; i++) {
        start.entry = given.items.items[i];
        if (timing != TIMING_UNKNOWN)
            vec_add(finder->arena, &finder->calls->starts, start);
        else if (is_written_out(finder, arg))
            finder->calls->escapes[start.entry->number] = true;
    }
}

static void call_find(struct finder *finder, const struct callee *callee)
{
    bool has_body = callee->body && !callee->meaning && !callee->is_covered;

    if (has_body)
        call_add(finder, callee->body);
    for (uint32_t i = 0; i < callee->now.items.count; i++)
        if (!has_body || callee->now.items.items[i] != callee->body)
            call_add(finder, callee->now.items.items[i]);
    for (uint32_t i = 0; i < finder->op->args.count; i++)
        argument_find(finder, callee, i);
}

/* A function whose address is stored or returned: who calls it through that
 * is found elsewhere, if at all. */
static void address_find(struct finder *finder, ir_id expr)
{
    const struct ir_unit *unit = finder->fn->unit;
    const struct fn *fn = unit->exprs.items[expr].kind == IR_EXPR_FN
                              ? program_fn_find(finder->calls->program, unit,
                                                unit->exprs.items[expr].symbol)
                              : NULL;

    if (fn)
        finder->calls->escapes[fn->number] = true;
}

static void fn_find(struct finder *finder)
{
    const struct fn *fn = finder->fn;

    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        finder->at = site->op;
        finder->op = &fn->unit->ops.items[site->op];
        if (site->callee.is_call)
            call_find(finder, &site->callee);
    }
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];

        if (op->kind == IR_ASSIGN)
            address_find(finder, op->b);
        else if (op->kind == IR_RETURN)
            address_find(finder, op->a);
    }
}

/* Counting sort: by callee, callers in order. */
static void callers_sort(struct calls *calls, struct arena *arena)
{
    uint32_t count = calls->program->fns.count;
    uint32_t *next = arena_array(arena, count + 1, sizeof(*next));

    calls->first_in = arena_array(arena, count + 2, sizeof(*calls->first_in));
    calls->in = arena_array(arena, calls->items.count + 1, sizeof(*calls->in));
    for (uint32_t i = 0; i < calls->items.count; i++)
        calls->first_in[calls->items.items[i].callee->number + 1]++;
    for (uint32_t i = 0; i < count; i++) {
        calls->first_in[i + 1] += calls->first_in[i];
        next[i] = calls->first_in[i];
    }
    for (uint32_t i = 0; i < calls->items.count; i++)
        calls->in[next[calls->items.items[i].callee->number]++] = i;
}

/* For as many as there may be: tables of functions make millions of calls. */
static void calls_make_room(struct calls *calls, struct arena *arena)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < calls->program->fns.count; i++) {
        const struct callee_table *table =
            calls->program->fns.items[i]->callees;

        for (uint32_t k = 0; k < table->items.count; k++)
            if (table->items.items[k].callee.is_call)
                most += 1 + table->items.items[k].callee.now.items.count;
    }
    calls->items.items = arena_array(arena, most, sizeof(struct call));
    calls->items.capacity = most;
}

struct calls *calls_find(const struct program *program, struct arena *arena)
{
    struct calls *calls = arena_alloc(arena, sizeof(*calls));
    struct finder finder = {.calls = calls, .arena = arena};
    uint32_t count = program->fns.count;

    calls->program = program;
    calls_make_room(calls, arena);
    calls->escapes = arena_array(arena, count, sizeof(bool));
    calls->first_out = arena_array(arena, count + 1, sizeof(uint32_t));
    calls->first_start = arena_array(arena, count + 1, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        calls->first_out[i] = calls->items.count;
        calls->first_start[i] = calls->starts.count;
        finder.fn = program->fns.items[i];
        calls->has_main |= !strcmp(finder.fn->name, "main");
        fn_find(&finder);
    }
    calls->first_out[count] = calls->items.count;
    calls->first_start[count] = calls->starts.count;
    callers_sort(calls, arena);
    return calls;
}
