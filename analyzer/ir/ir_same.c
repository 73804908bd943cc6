/*
 * See ir_same.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ir/ir_same.h"

#include <string.h>

bool ir_expr_is_same(const struct ir_unit *unit, ir_id one, ir_id two)
{
    const struct ir_expr *first = &unit->exprs.items[one];
    const struct ir_expr *second = &unit->exprs.items[two];

    if (one == two)
        return true;
    if (first->kind != second->kind)
        return false;
    switch ((enum ir_expr_kind)first->kind) {
    case IR_EXPR_VAR:
        return first->var == second->var;
    case IR_EXPR_GLOBAL:
        return first->symbol == second->symbol;
    case IR_EXPR_FIELD:
        return first->field == second->field &&
               ir_expr_is_same(unit, first->a, second->a);
    case IR_EXPR_DEREF:
        return ir_expr_is_same(unit, first->a, second->a);
    default:
        return false;
    }
}

bool ir_expr_mentions(const struct ir_unit *unit, ir_id id,
                      enum ir_expr_kind kind, ir_id what)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_VAR)
        return kind == IR_EXPR_VAR && expr->var == what;
    if (expr->kind == IR_EXPR_TEMP)
        return kind == IR_EXPR_TEMP && expr->op == what;
    return (ir_expr_has_first(expr) &&
            ir_expr_mentions(unit, expr->a, kind, what)) ||
           (ir_expr_has_second(expr) &&
            ir_expr_mentions(unit, expr->b, kind, what));
}

bool ir_op_mentions(const struct ir_unit *unit, const struct ir_op *op,
                    enum ir_expr_kind kind, ir_id what)
{
    for (uint32_t i = 0; i < op->args.count; i++)
        if (ir_expr_mentions(unit, ir_list_at(unit, op->args, i), kind, what))
            return true;
    return ir_expr_mentions(unit, ir_op_value(op), kind, what) ||
           (op->kind == IR_ASSIGN &&
            unit->exprs.items[op->a].kind != IR_EXPR_VAR &&
            ir_expr_mentions(unit, op->a, kind, what));
}

bool ir_is_result_of(const struct ir_unit *unit, const struct ir_fn *fn,
                     ir_id expr, ir_id call)
{
    const struct ir_expr *found = &unit->exprs.items[expr];

    if (found->kind == IR_EXPR_TEMP)
        return found->op == call;
    for (ir_id at = call + 1;
         found->kind == IR_EXPR_VAR && at < fn->first_op + fn->op_count; at++)
        if (ir_op_sets(unit, &unit->ops.items[at], found->var))
            return ir_op_keeps(unit, &unit->ops.items[at], call);
    return false;
}

bool ir_named_of(const struct ir_unit *unit, const struct ir_expr *expr,
                 struct ir_named *named)
{
    const struct ir_field *field;

    if (expr->kind == IR_EXPR_GLOBAL) {
        *named = (struct ir_named){
            NULL, ir_text(unit, unit->symbols.items[expr->symbol].usr)};
        return true;
    }
    if (expr->kind != IR_EXPR_FIELD)
        return false;
    field = &unit->fields.items[expr->field];
    *named = (struct ir_named){
        ir_text(unit, unit->records.items[field->record].name),
        ir_text(unit, field->name)};
    return true;
}

bool ir_named_has(const struct ir_named *list, uint32_t count,
                  struct ir_named wanted)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct ir_named *known = &list[i];

        if (!known->record == !wanted.record &&
            !strcmp(known->name, wanted.name) &&
            (!known->record || !strcmp(known->record, wanted.record)))
            return true;
    }
    return false;
}
