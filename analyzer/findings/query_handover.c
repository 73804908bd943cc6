/*
 * Answers about locks that are kept for others, see query_handover.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_handover.h"

#include <string.h>

#include "engine/cfg.h"
#include "engine/stored_fn.h"
#include "ir/ir_same.h"

bool query_is_giver(const struct query *query, const struct ir_unit *unit,
                    ir_id id, const char *class)
{
    const struct fn *giver = program_fn_named(query->program, unit, id);

    for (uint32_t i = 0; giver && i < giver->events.items.count; i++) {
        const struct event *event = &giver->events.items.items[i];

        if (event->kind == EVENT_RELEASE && !event->held_before &&
            !strcmp(event->lock.class, class))
            return true;
    }
    return false;
}

/* The global whose field the op sets, or 0. */
static ir_id table_of(const struct ir_unit *unit, const struct ir_op *op)
{
    const struct ir_expr *place = &unit->exprs.items[op->a];

    if (op->kind != IR_ASSIGN || place->kind != IR_EXPR_FIELD)
        return 0;
    place = &unit->exprs.items[place->a];
    return place->kind == IR_EXPR_GLOBAL ? place->symbol : 0;
}

/* Whether what is stored in another field of the table gives it back. */
static bool table_gives(const struct query *query, const struct fn *by,
                        ir_id table, const char *class)
{
    const struct ir_unit *unit = by->unit;

    for (uint32_t i = 0; i < by->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[by->ir->first_op + i];

        if (table_of(unit, op) == table &&
            query_is_giver(query, unit, op->b, class))
            return true;
    }
    return false;
}

bool query_is_left_to_table(const struct query *query, const char *class)
{
    const struct program *program = query->program;

    for (uint32_t i = 0; i < program->fns.count; i++) {
        const struct fn *by = program->fns.items[i];

        for (uint32_t k = 0; k < by->stores.count; k++) {
            const struct stored_fn *stored = &by->stores.items[k];
            ir_id table = table_of(by->unit, &by->unit->ops.items[stored->op]);

            if (table && stored->fn == query->fn &&
                table_gives(query, by, table, class))
                return true;
        }
    }
    return false;
}

/* Whether a caller gives back what the call brought it. */
static bool gives_back_of(const struct fn *caller, ir_id call,
                          const struct fn *callee)
{
    const struct query query = {.fn = caller};

    for_each_event(&query, event, EVENT_RELEASE) {
        for (uint32_t i = 0; i < event->held.count; i++) {
            const struct held *held = &event->held.items[i];

            if (held->acquired == call && held->lock.taken_in == callee &&
                !strcmp(held->lock.name, event->lock.name))
                return true;
        }
    }
    return false;
}

bool query_is_taken_over(const struct query *query)
{
    bool is_called = false;

    for_each_caller(query->callers, query->fn, caller)
    {
        if (caller->edge->timing != TIMING_NOW ||
            !gives_back_of(caller->fn, caller->edge->op, query->fn))
            return false;
        is_called = true;
    }
    return is_called;
}

/* On which edge of such a branch 0, or no negative number, is behind it. */
static bool is_success_on(const struct ir_unit *unit, ir_id condition,
                          enum ir_edge_kind kind)
{
    const struct ir_expr *asked = &unit->exprs.items[condition];
    bool is_true = asked->kind == IR_EXPR_BINARY &&
                   (asked->operator== IR_EQ || asked->operator== IR_GE);

    return (kind == IR_EDGE_TRUE) == is_true;
}

/* `error = call(…); if (error)`, or `if (error < 0)`; `if (call(…))` may as
 * well ask a question. */
static bool asks_for_error(const struct fn *fn, ir_id condition, ir_id call)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *asked = &unit->exprs.items[condition];
    const struct ir_expr *limit = &unit->exprs.items[asked->b];

    if (asked->kind == IR_EXPR_BINARY) {
        if (!ir_is_constant(limit) || limit->value ||
            (asked->operator!= IR_EQ && asked->operator!= IR_NE &&
             asked->
             operator!= IR_LT && asked->
             operator!= IR_GE))
            return false;
        condition = asked->a;
        asked = &unit->exprs.items[condition];
    }
    return asked->kind == IR_EXPR_VAR &&
           ir_type_strip(unit, asked->type)->kind == IR_TYPE_INT &&
           ir_is_result_of(unit, fn->ir, condition, call);
}

/* Whether a lock of the class is given back somewhere behind the edge. */
static bool edge_gives(const struct query *query, const struct ir_edge *edge,
                       const char *class)
{
    for_each_event(query, event, EVENT_RELEASE) {
        if (event->held_before && !strcmp(event->lock.class, class) &&
            cfg_edge_leads_to(query->fn, edge, event->op))
            return true;
    }
    return false;
}

/* Where the call has failed the lock is given back, and where it has not, which
 * leads to that exit, it never is. */
static bool success_gives(const struct query *query,
                          const struct ir_block *from, ir_id call,
                          const struct event *exit, const char *class)
{
    const struct fn *fn = query->fn;
    const struct ir_unit *unit = fn->unit;
    ir_id last = from->first_op + from->op_count - 1;
    ir_id condition = unit->ops.items[last].a;

    if (unit->ops.items[last].kind != IR_BRANCH || from->edge_count != 2 ||
        !asks_for_error(fn, condition, call))
        return false;
    for (uint32_t i = 0; i < from->edge_count; i++) {
        const struct ir_edge *edge = &unit->edges.items[from->first_edge + i];
        bool is_success = is_success_on(unit, condition, edge->kind);

        if (edge_gives(query, edge, class) == is_success ||
            (is_success && !cfg_edge_leads_to(fn, edge, exit->op)))
            return false;
    }
    return true;
}

bool query_is_left_to_callee(const struct query *query,
                             const struct event *taken,
                             const struct event *exit)
{
    const struct fn *fn = query->fn;

    for_each_event(query, event, EVENT_UNKNOWN) {
        if (!query_held(event, taken))
            continue;
        for (uint32_t i = 0; i < fn->ir->block_count; i++) {
            const struct ir_block *block = ir_block(fn->unit, fn->ir, i);

            if (block->op_count &&
                success_gives(query, block, event->op, exit, taken->lock.class))
                return true;
        }
    }
    return false;
}
