/*
 * Answers about signal handlers, see query_handler.h. Only of globals is it
 * known that the handler's lock is the very one that is held.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_handler.h"

#include <signal.h>
#include <string.h>

#include "engine/callee.h"
#include "engine/stored_fn.h"

enum {
    CALLEES_LOOKED_AT = 2, /* below a handler */
    CALLERS_LOOKED_AT = 2, /* above who takes the lock */
};

struct gather {
    const struct query *query;
    struct arena *arena;
    bool *is_inside; /* by number of the function: a handler, or below one */
    struct handler_takes takes;
};

/* Whoever handles these has met the end of the program. */
static bool is_crash(int64_t signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGABRT ||
           signal == SIGFPE || signal == SIGILL;
}

static bool is_waiting_for_one(const struct event *event)
{
    return event->kind == EVENT_ACQUIRE && event->lock.instance &&
           *event->lock.instance != '*' && !event->is_try &&
           !event->lock.is_recursive && !event->lock.is_section &&
           event->lock.kind != LOCK_UNKNOWN;
}

static void handler_add(struct gather *gather, const struct fn *handler,
                        const struct fn *fn, int depth)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++) {
        struct handler_take found = {
            .handler = handler,
            .in = fn,
            .taken = &fn->events.items.items[i],
        };

        if (is_waiting_for_one(found.taken) && !gather->is_inside[fn->number])
            vec_add(gather->arena, &gather->takes.items, found);
    }
    gather->is_inside[fn->number] = true;
    for (uint32_t i = 0; depth > 0 && i < fn->edges->items.count; i++) {
        const struct call_edge *edge = &fn->edges->items.items[i];

        if (edge_is_now(edge) && !edge->by_pointer && !edge->by_callback)
            handler_add(gather, handler, edge->to[0], depth - 1);
    }
}

static bool is_marked(const struct fn *fn, const struct ir_op *op,
                      enum marker_kind marker)
{
    ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(fn->unit, op) : 0;

    return symbol && model_symbol_marker(fn->view, marker, fn->unit,
                                         &fn->unit->symbols.items[symbol]);
}

static bool is_for_crash(const struct fn *fn, const struct ir_op *call)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *signal =
        call->args.count ? &unit->exprs.items[ir_list_at(unit, call->args, 0)]
                         : NULL;

    return signal && signal->kind == IR_EXPR_CONST && is_crash(signal->value);
}

/* `sigaction(SIGSEGV, &action, NULL)`, and no other signal is spoken of. */
static bool only_crashes(const struct fn *fn)
{
    bool is_seen = false;

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];
        ir_id symbol = op->kind == IR_CALL ? ir_call_symbol(fn->unit, op) : 0;

        if (!symbol ||
            strcmp(ir_text(fn->unit, fn->unit->symbols.items[symbol].name),
                   "sigaction") != 0)
            continue;
        if (!is_for_crash(fn, op))
            return false;
        is_seen = true;
    }
    return is_seen;
}

/* `action.sa_handler = stop;` */
static void stored_look(struct gather *gather, const struct fn *fn,
                        const struct stored_fn *stored)
{
    if (stored_fn_is_marked(stored, fn, MARKER_SIGNAL_HANDLER) &&
        !only_crashes(fn))
        handler_add(gather, stored->fn, stored->fn, CALLEES_LOOKED_AT);
}

/* `signal(SIGTERM, stop)` */
static void call_look(struct gather *gather, const struct fn *fn,
                      const struct ir_op *op)
{
    if (!is_marked(fn, op, MARKER_SIGNAL_HANDLER) || is_for_crash(fn, op))
        return;
    for (uint32_t i = 0; i < op->args.count; i++) {
        const struct fn *handler =
            program_fn_named(gather->query->program, fn->unit,
                             ir_list_at(fn->unit, op->args, i));

        if (handler)
            handler_add(gather, handler, handler, CALLEES_LOOKED_AT);
    }
}

static void handlers_of(struct gather *gather, const struct fn *fn)
{
    const struct callee_table *calls = fn->callees;
    uint32_t stored = 0;

    for (uint32_t i = 0; i < calls->items.count; i++) {
        ir_id op = calls->items.items[i].op;

        while (stored < fn->stores.count && fn->stores.items[stored].op < op)
            stored_look(gather, fn, &fn->stores.items[stored++]);
        call_look(gather, fn, &fn->unit->ops.items[op]);
    }
    while (stored < fn->stores.count)
        stored_look(gather, fn, &fn->stores.items[stored++]);
}

/* Whether it, or who calls it, keeps signals away at times. */
static bool is_shielded(const struct query *query, const struct fn *fn,
                        int depth)
{
    for (uint32_t i = 0; i < fn->ir->op_count; i++)
        if (is_marked(fn, &fn->unit->ops.items[fn->ir->first_op + i],
                      MARKER_SIGNAL_SHIELD))
            return true;
    for_each_caller(query->callers, fn, caller)
    {
        if (depth > 0 && is_shielded(query, caller->fn, depth - 1))
            return true;
    }
    return false;
}

/* Somebody else who takes the same lock, and may be interrupted then. */
static struct evidence other_find(const struct gather *gather,
                                  const struct handler_take *take)
{
    const struct program *program = gather->query->program;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *fn = program->fns.items[i];

        if (gather->is_inside[fn->number])
            continue;
        for (uint32_t k = 0; k < fn->events.items.count; k++) {
            const struct event *event = &fn->events.items.items[k];

            if (event->kind == EVENT_ACQUIRE && event->lock.instance &&
                !strcmp(event->lock.instance, take->taken->lock.instance) &&
                !is_shielded(gather->query, fn, CALLERS_LOOKED_AT))
                return (struct evidence){.fn = fn, .event = event};
        }
    }
    return (struct evidence){0};
}

struct handler_takes query_handler_takes(const struct query *query,
                                         struct arena *arena)
{
    const struct program *program = query->program;
    struct gather gather = {
        .query = query,
        .arena = arena,
        .is_inside = arena_array(arena, program->fns.count, sizeof(bool)),
    };
    struct handler_takes found = {0};

    for (uint32_t i = 0; i < program->fns.count; i++)
        handlers_of(&gather, program->fns.items[i]);
    for (uint32_t i = 0; i < gather.takes.items.count; i++) {
        struct handler_take *take = &gather.takes.items.items[i];

        take->other = other_find(&gather, take);
        if (take->other.fn)
            vec_add(arena, &found.items, *take);
    }
    return found;
}
