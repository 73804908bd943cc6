/*
 * Who reckons with a descriptor that does not block, see expects.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/expects.h"

#include <errno.h>
#include <string.h>

#include "engine/bound.h"
#include "engine/cfg.h"

/* By its header, or by its name where that is missing. */
static bool is_errno(const struct flow *flow, ir_id id)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_GLOBAL)
        return !strcmp(ir_text(unit, unit->symbols.items[expr->symbol].name),
                       "errno");
    return expr->kind == IR_EXPR_DEREF && bound_is_error(flow, expr->a);
}

/* It, or a variable that is given it somewhere: `int error = errno;` */
static bool is_error(const struct flow *flow, ir_id id)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind != IR_EXPR_VAR)
        return is_errno(flow, id);
    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (ir_op_sets(unit, &unit->ops.items[op], expr->var) &&
            is_errno(flow, unit->ops.items[op].b))
            return true;
    return false;
}

static bool is_would_wait(int64_t error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS;
}

static bool asks_for_it(const struct flow *flow, ir_id id)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_UNARY)
        return asks_for_it(flow, expr->a);
    if (expr->kind != IR_EXPR_BINARY)
        return false;
    if (expr->operator!= IR_EQ && expr->operator!= IR_NE)
        return asks_for_it(flow, expr->a) || asks_for_it(flow, expr->b);
    return unit->exprs.items[expr->b].kind == IR_EXPR_CONST &&
           is_would_wait(unit->exprs.items[expr->b].value) &&
           is_error(flow, expr->a);
}

static bool op_asks(const struct flow *flow, const struct ir_op *op)
{
    const struct ir_unit *unit = flow->fn->unit;

    if (op->kind != IR_CALL)
        return asks_for_it(flow, ir_op_value(op));
    for (uint32_t i = 0; i < op->args.count; i++)
        if (asks_for_it(flow, ir_list_at(unit, op->args, i)))
            return true;
    return false;
}

static bool case_asks(const struct flow *flow, const struct ir_block *block)
{
    const struct ir_unit *unit = flow->fn->unit;

    if (!is_error(flow, ir_block_end(unit, block)->a))
        return false;
    for (uint32_t i = 0; i < block->edge_count; i++) {
        const struct ir_edge *edge = &unit->edges.items[block->first_edge + i];

        if (edge->kind == IR_EDGE_CASE && is_would_wait(edge->low))
            return true;
    }
    return false;
}

/* Another call that waits unless its descriptor does not block. */
static bool is_of_descriptor(const struct flow *flow, ir_id op)
{
    const struct meaning *meaning = site_at(flow, op)->callee.meaning;

    for (int i = 0; meaning && i < meaning->exemption_count; i++)
        if (meaning->exemptions[i].kind == UNLESS_FD_NONBLOCKING)
            return true;
    return false;
}

enum found { FOUND_NOT, FOUND_ASKED, FOUND_OTHER };

static enum found block_look(const struct flow *flow,
                             const struct ir_block *block, ir_id first)
{
    for (ir_id op = first; op < block->first_op + block->op_count; op++) {
        if (op_asks(flow, &flow->fn->unit->ops.items[op]))
            return FOUND_ASKED;
        if (is_of_descriptor(flow, op))
            return FOUND_OTHER;
    }
    return case_asks(flow, block) ? FOUND_ASKED : FOUND_NOT;
}

bool expects_not_to_block(struct flow *flow, ir_id call)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    bool *is_seen = arena_array(flow->arena, ir->block_count, sizeof(bool));
    VEC(uint32_t) next = {0};
    uint32_t at = cfg_block_of(unit, ir, call);
    ir_id first = call + 1;

    for (;;) {
        const struct ir_block *block = ir_block(unit, ir, at);
        enum found found = block_look(flow, block, first);

        if (found == FOUND_ASKED)
            return true;
        for (uint32_t i = 0; found == FOUND_NOT && i < block->edge_count; i++) {
            uint32_t to = cfg_edge_to(flow->fn, block, i);

            if (!is_seen[to])
                vec_add(flow->arena, &next, to);
            is_seen[to] = true;
        }
        if (!next.count)
            return false;
        at = next.items[--next.count];
        first = ir_block(unit, ir, at)->first_op;
    }
}
