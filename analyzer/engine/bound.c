/*
 * What belongs to a thread, and which values come from there, see bound.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/bound.h"

#include "engine/carry.h"

bool bound_is_error(const struct flow *flow, ir_id expr)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];
    const struct meaning *meaning;

    if (found->kind != IR_EXPR_TEMP)
        return false;
    meaning = site_at(flow, found->op)->callee.meaning;
    return meaning && meaning->is_last_error;
}

static const char *thread_local_name(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);
    const struct ir_symbol *symbol;

    while (node->kind == NODE_FIELD || node->kind == NODE_INDEX)
        node = node_get(&flow->values, node->a);
    if (node->kind != NODE_GLOBAL || node->a >= flow->fn->unit->symbols.count)
        return NULL;
    symbol = &flow->fn->unit->symbols.items[node->a];
    return symbol->flags & IR_SYMBOL_THREAD_LOCAL
               ? ir_text(flow->fn->unit, symbol->name)
               : NULL;
}

/* What is read there, and not just its bytes as a number. */
static bool holds_pointer(const struct flow *flow, node_id place)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct node *node = node_get(&flow->values, place);
    ir_id type = 0;

    while (node->kind == NODE_INDEX)
        node = node_get(&flow->values, node->a);
    if (node->kind == NODE_FIELD && !(node->b & HIDDEN))
        type = unit->fields.items[node->b].type;
    else if (node->kind == NODE_GLOBAL && node->a < unit->symbols.count)
        type = unit->symbols.items[node->a].type;
    while (type && ir_type_strip(unit, type)->kind == IR_TYPE_ARRAY)
        type = ir_type_strip(unit, type)->of;
    return type && ir_type_is_pointer(flow->fn->unit, type);
}

/* Whom the call asks whose result this is, or NULL. */
static const struct callee *result_callee(const struct flow *flow,
                                          const struct node *node)
{
    const struct ir_fn *ir = flow->fn->ir;

    if (node->kind != VALUE_RESULT || node->b ||
        node->a - ir->first_op >= ir->op_count ||
        flow->fn->unit->ops.items[node->a].kind != IR_CALL)
        return NULL;
    return &site_at(flow, node->a)->callee;
}

/* What a call returns, if that belongs to the thread. */
const char *bound_result(const struct flow *flow, const struct node *node)
{
    const struct callee *callee = result_callee(flow, node);

    if (!callee)
        return NULL;
    if (callee->meaning ? callee->meaning->is_thread_affine
                        : callee->body && callee->body->summary.returns_bound)
        return callee->name;
    return NULL;
}

/* What the value was got from that belongs to the thread, or NULL. A copy of
 * what a thread-local variable holds is a value like any other, except for
 * pointers. */
const char *bound_from(struct flow *flow, node_id value, bool is_pointer)
{
    const struct node *node = node_get(&flow->values, value);
    const char *from;

    switch ((enum node_kind)node->kind) {
    case VALUE_RESULT:
        return bound_result(flow, node);
    case VALUE_ADDR:
        return thread_local_name(flow, node->a);
    case VALUE_INIT:
        return is_pointer && holds_pointer(flow, node->a)
                   ? thread_local_name(flow, node->a)
                   : NULL;
    case VALUE_OPER:
        if (!is_pointer)
            return NULL;
        from = bound_from(flow, node->a, true);
        return from ? from : bound_from(flow, node->b, true);
    default:
        return NULL;
    }
}

/* An await does no harm to what is the task's own. */
const char *carry_not_send(const struct flow *flow, node_id value)
{
    const struct callee *callee =
        result_callee(flow, node_get(&flow->values, value));

    return callee && callee->meaning && callee->meaning->is_not_send
               ? callee->name
               : NULL;
}

const char *carry_bound_from(struct flow *flow, node_id value)
{
    const char *from = carry_not_send(flow, value);

    return from ? from : bound_from(flow, value, true);
}
