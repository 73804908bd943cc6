/*
 * Handles of threads and tasks, see handle.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/handle.h"

#include "base/str.h"

struct handle handle_of(const struct fn *fn, ir_id at)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[at];
    const struct ir_field *field;
    int param;

    while (expr->kind == IR_EXPR_ADDR || expr->kind == IR_EXPR_DEREF ||
           expr->kind == IR_EXPR_INDEX)
        expr = &unit->exprs.items[expr->a];
    if (expr->kind == IR_EXPR_GLOBAL)
        return (struct handle){
            .kind = HANDLE_SHARED,
            .name = ir_text(unit, unit->symbols.items[expr->symbol].usr)};
    if (expr->kind == IR_EXPR_FIELD) {
        field = &unit->fields.items[expr->field];
        return (struct handle){
            .kind = HANDLE_SHARED,
            .name = ir_text(unit, field->name),
            .record = ir_text(unit, unit->records.items[field->record].name)};
    }
    if (expr->kind != IR_EXPR_VAR)
        return (struct handle){0};
    param = ir_param(fn->ir, expr->var);
    if (param >= 0)
        return (struct handle){.kind = HANDLE_PARAM, .number = (uint32_t)param};
    return (struct handle){.kind = HANDLE_VAR, .number = expr->var};
}

struct handle handle_given(const struct call *call, const struct handle *handle)
{
    ir_id given =
        ir_call_arg(call->caller->unit, call->op, (int)handle->number);

    return given ? handle_of(call->caller, given) : (struct handle){0};
}

static void handle_add(struct handles *handles, struct handle handle)
{
    if (handle.kind != HANDLE_NONE && handles->count < MOST_HANDLES)
        handles->items[handles->count++] = handle;
}

struct handles handles_of_start(const struct fn *fn, ir_id at)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_op *op = &unit->ops.items[at];
    struct handles handles = {0};

    for (uint32_t i = 0; i < op->args.count; i++)
        handle_add(&handles, handle_of(fn, ir_list_at(unit, op->args, i)));
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *assign = &unit->ops.items[fn->ir->first_op + i];

        if (ir_op_keeps(unit, assign, at))
            handle_add(&handles, handle_of(fn, assign->a));
    }
    return handles;
}

bool handle_equal(const struct handle *one, const struct handle *two)
{
    return one->kind == two->kind && one->kind != HANDLE_NONE &&
           one->number == two->number && str_is_same(one->name, two->name) &&
           str_is_same(one->record, two->record);
}
