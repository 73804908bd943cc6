/*
 * Top-down contexts, see context.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/context.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/pointer.h"
#include "engine/state.h"

struct spread {
    struct program *program;
    struct arena arena;
    VEC(struct fn *) queue;
};

/* A task, a thread, a job: it ends, and nobody goes on from there. */
static void started_by_runtime(struct fn *fn, enum timing timing)
{
    if (fn && (timing == TIMING_TASK || timing == TIMING_THREAD ||
               timing == TIMING_POOL))
        fn->is_entry = true;
}

static void reach(struct spread *spread, struct fn *fn, uint32_t context,
                  struct fn *from)
{
    uint32_t added = fn ? context & ~fn->context : 0;

    if (!added)
        return;
    fn->context |= added;
    if (added & CONTEXT_ASYNC)
        fn->context_from = from;
    vec_add(&spread->arena, &spread->queue, fn);
}

static uint32_t context_of_timing(enum timing timing, uint32_t caller)
{
    switch (timing) {
    case TIMING_NOW:
        return caller;
    case TIMING_TASK:
        return CONTEXT_ASYNC;
    case TIMING_POOL:
        return CONTEXT_POOL;
    case TIMING_THREAD:
        return CONTEXT_THREAD;
    case TIMING_LATER:
    case TIMING_UNKNOWN:
        return 0;
    }
    return 0;
}

/* A function that is written out as an argument. */
static struct fn *argument_fn(const struct program *program,
                              const struct fn *fn, const struct ir_op *op,
                              int arg)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr;

    if (arg < 0 || (uint32_t)arg >= op->args.count)
        return NULL;
    expr =
        &unit->exprs.items[unit->lists.items[op->args.first + (uint32_t)arg]];
    return expr->kind == IR_EXPR_FN
               ? program_fn_find(program, unit, expr->symbol)
               : NULL;
}

/* What a wrapper around spawn does with what it is given. */
static enum timing started(const struct fn *fn, uint32_t param)
{
    enum timing timing = pointer_param_timing(fn, param);

    return timing == TIMING_NOW ? TIMING_UNKNOWN : timing;
}

/* The contexts in which a call may be made: a test before it may have said
 * that it is in a task, or in none. */
static uint32_t context_at(const struct fn *fn, const struct ir_op *op)
{
    size_t at = (size_t)(op - fn->unit->ops.items) - fn->ir->first_op;
    uint8_t seen = fn->seen_where ? fn->seen_where[at] : 0;

    if (seen == 1u << WHERE_OUTSIDE)
        return fn->context & ~(uint32_t)CONTEXT_ASYNC;
    if (seen == 1u << WHERE_IN_TASK)
        return fn->context & CONTEXT_ASYNC;
    return fn->context;
}

static void call_spread(struct spread *spread, struct fn *fn,
                        const struct ir_op *op, bool is_seed)
{
    struct callee callee = callee_find(spread->program, fn, op);
    const struct meaning *meaning = callee.meaning;

    if (callee.body && is_seed)
        callee.body->is_called = true;
    if (!meaning && !is_seed)
        reach(spread, callee.body, context_at(fn, op), fn);
    for (uint32_t i = 0; !is_seed && i < callee.now.items.count; i++)
        reach(spread, callee.now.items.items[i], context_at(fn, op), fn);
    for (uint32_t i = 0;
         is_seed && !meaning && callee.body && i < op->args.count; i++)
        reach(spread, argument_fn(spread->program, fn, op, (int)i),
              context_of_timing(started(callee.body, i), 0), NULL);
    for (int i = 0; meaning && i < meaning->callback_count; i++) {
        struct callback_timing callback = meaning->callbacks[i];
        bool is_now = callback.timing == TIMING_NOW;

        if (is_seed)
            started_by_runtime(
                argument_fn(spread->program, fn, op, callback.arg),
                callback.timing);
        if (is_now != is_seed)
            reach(spread, argument_fn(spread->program, fn, op, callback.arg),
                  context_of_timing(callback.timing, context_at(fn, op)),
                  is_now ? fn : NULL);
    }
}

static void calls_spread(struct spread *spread, struct fn *fn, bool is_seed)
{
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];

        if (op->kind == IR_CALL)
            call_spread(spread, fn, op, is_seed);
    }
}

static void seed(struct spread *spread, struct fn *fn)
{
    const struct ir_symbol *symbol = fn->symbol;

    if (fn->async_pack)
        reach(spread, fn, CONTEXT_ASYNC, NULL);
    if (model_marker_find(fn->view, MARKER_MIXED, fn->unit, symbol->annotations,
                          symbol->words, fn->name))
        reach(spread, fn, CONTEXT_ASYNC | CONTEXT_SYNC, NULL);
    if (model_marker_find(fn->view, MARKER_THREAD, fn->unit,
                          symbol->annotations, symbol->words, fn->name))
        reach(spread, fn, CONTEXT_THREAD, NULL);
    if (!strcmp(fn->name, "main"))
        reach(spread, fn, CONTEXT_SYNC, NULL);
    calls_spread(spread, fn, true);
}

void context_solve(struct program *program)
{
    struct spread spread = {.program = program};

    for (uint32_t i = 0; i < program->fns.count; i++)
        seed(&spread, program->fns.items[i]);
    for (uint32_t i = 0; i < spread.queue.count; i++)
        calls_spread(&spread, spread.queue.items[i], false);
    arena_finish(&spread.arena);
}

bool event_suspends(const struct fn *fn, const struct event *event)
{
    /* Known to run on threads of its own only: what it calls polls there. In
     * sync code nobody can be sure: main may be a task, too. */
    if (fn->context && !(fn->context & (CONTEXT_ASYNC | CONTEXT_SYNC)))
        return false;
    return event->outside_too || fn->context & CONTEXT_ASYNC;
}
