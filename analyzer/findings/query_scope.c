/*
 * Guards as variables, read from the IR: what gives them a value, how long
 * they live, and the loops that their macros hide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_scope.h"

#include "ir/ir_same.h"

/* Whether the call gets the variable's address. */
static bool has_address(const struct query *query, const struct ir_op *call,
                        ir_id var)
{
    const struct ir_unit *unit = query->fn->unit;

    for (uint32_t i = 0; i < call->args.count; i++)
        if (ir_is_var_address(unit, ir_list_at(unit, call->args, i), var))
            return true;
    return false;
}

bool query_cleans_up_var(const struct query *query, ir_id op, ir_id var)
{
    const struct ir_op *found = query_op(query, op);

    return found->kind == IR_CALL && found->flags & IR_OP_CLEANUP &&
           has_address(query, found, var);
}

bool query_sets_var(const struct query *query, ir_id op, ir_id var)
{
    const struct ir_op *found = query_op(query, op);

    return ir_op_sets(query->fn->unit, found, var) ||
           (found->kind == IR_CALL && !(found->flags & IR_OP_CLEANUP) &&
            has_address(query, found, var));
}

/* ---- names and macros */

static ir_id outermost(const struct query *query, ir_id macro)
{
    const struct ir_unit *unit = query->fn->unit;

    while (macro && unit->macros.items[macro].parent)
        macro = unit->macros.items[macro].parent;
    return macro;
}

static ir_id enter_of(const struct query *query, ir_id var)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (query_op(query, op)->kind == IR_SCOPE_ENTER &&
            query_op(query, op)->a == var)
            return op;
    return 0;
}

const char *query_var_name(const struct query *query, ir_id var)
{
    const struct ir_unit *unit = query->fn->unit;
    ir_id macro =
        outermost(query, query_op(query, enter_of(query, var))->macro);

    return ir_text(unit, macro ? unit->macros.items[macro].name
                               : unit->vars.items[var].name);
}

static bool is_guard_macro(const struct query *query, ir_id scope)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct meaning *meaning = model_macro_find(
        query->fn->view, ir_text(unit, unit->vars.items[scope].name));

    if (meaning_has(meaning, EFFECT_ACQUIRE) ||
        meaning_has(meaning, EFFECT_GUARD_ENTER))
        return true;
    for_each_event(query, event, EVENT_ACQUIRE) {
        for (ir_id macro = query_op(query, event->op)->macro; macro;
             macro = unit->macros.items[macro].parent)
            if (event->by_guard && unit->macros.items[macro].scope == scope)
                return true;
    }
    return false;
}

const char *query_hidden_loop(const struct query *query, ir_id op)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *jump = query_op(query, op);

    if (jump->kind != IR_JUMP || !(jump->flags & IR_OP_HIDDEN))
        return NULL;
    while (op-- > query->fn->ir->first_op) {
        const struct ir_op *before = query_op(query, op);

        if (before->kind == IR_SCOPE_EXIT &&
            unit->vars.items[before->a].flags & IR_VAR_MACRO_SCOPE)
            return is_guard_macro(query, before->a)
                       ? ir_text(unit, unit->vars.items[before->a].name)
                       : NULL;
        if (before->kind != IR_SCOPE_EXIT && before->kind != IR_MACRO_END &&
            !(before->kind == IR_CALL && before->flags & IR_OP_CLEANUP))
            return NULL;
    }
    return NULL;
}

/* ---- guards that own nothing for long */

/* The variable that is initialised with the op's result, or that the macro of
 * the op declares to let go of its lock. */
static ir_id owner_of(const struct query *query, ir_id acquired)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = acquired + 1; op < ir->first_op + ir->op_count; op++) {
        const struct ir_op *found = query_op(query, op);

        if (ir_op_keeps(unit, found, acquired))
            return unit->exprs.items[found->a].kind == IR_EXPR_VAR
                       ? unit->exprs.items[found->a].var
                       : 0;
    }
    return 0;
}

/* Whether anything but its declaration speaks of the variable. */
static bool is_mentioned(const struct query *query, ir_id var)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++) {
        const struct ir_op *found = query_op(query, op);

        for (uint32_t i = 0; i < found->args.count; i++)
            if (ir_expr_mentions(unit, ir_list_at(unit, found->args, i),
                                 IR_EXPR_VAR, var))
                return true;
        if ((found->kind == IR_ASSIGN &&
             ir_expr_mentions(unit, found->b, IR_EXPR_VAR, var)) ||
            ((found->kind == IR_RETURN || found->kind == IR_CALL) &&
             ir_expr_mentions(unit, found->a, IR_EXPR_VAR, var)))
            return true;
    }
    return false;
}

/* Whether the op is none of those that the guard's macro writes. */
static bool does_something(const struct query *query, ir_id op, ir_id macro)
{
    const struct ir_op *found = query_op(query, op);

    switch ((enum ir_op_kind)found->kind) {
    case IR_CALL:
    case IR_ASSIGN:
    case IR_EVAL:
    case IR_ASM:
    case IR_BRANCH:
    case IR_SWITCH:
        return !found->macro || outermost(query, found->macro) != macro;
    case IR_RETURN:
        return true;
    default:
        return false;
    }
}

static bool is_empty(const struct query *query, ir_id acquired, ir_id var)
{
    const struct ir_fn *ir = query->fn->ir;
    ir_id macro = outermost(query, query_op(query, acquired)->macro);
    ir_id last = acquired;
    ir_id op;
    bool is_set = false;

    /* The first may be that of a way on which it was not got. */
    for (op = acquired + 1; op < ir->first_op + ir->op_count; op++)
        if (query_cleans_up_var(query, op, var))
            last = op;
    for (op = acquired + 1; op < last; op++) {
        if (query_cleans_up_var(query, op, var))
            continue;
        if (!is_set && query_sets_var(query, op, var)) {
            is_set = true;
            continue;
        }
        if (does_something(query, op, macro))
            return false;
    }
    /* At the end of the function it may well be a barrier. */
    for (op++; op < ir->first_op + ir->op_count; op++)
        if (does_something(query, op, 0) &&
            query_op(query, op)->kind != IR_RETURN)
            return true;
    return false;
}

/* Whether the guard is what the call returns. */
static bool returns_guard(const struct event *acquired)
{
    const struct meaning *meaning = acquired->meaning;
    const struct ir_unit *unit;
    const struct ir_type *type;

    for (int i = 0; meaning && i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == EFFECT_GUARD_ENTER &&
            meaning->effects[i].guard.base == PLACE_RESULT)
            return true;
    if (meaning || !acquired->callee)
        return false;
    unit = acquired->callee->unit;
    type = ir_type_returned(unit, acquired->callee->symbol->type);
    return type->kind != IR_TYPE_VOID;
}

/* What does not compile may look like a call that nobody asks: where that is in
 * the function, or a header is missing. */
static bool is_misread(const struct query *query)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;

    for (uint32_t i = 1; i < unit->problems.count; i++) {
        const struct ir_loc *loc = &unit->problems.items[i].loc;

        if (!loc->line || loc->file != ir->loc.file ||
            (loc->line >= ir->loc.line && loc->line <= ir->loc.end_line))
            return true;
    }
    return unit->missing.count > 1;
}

enum guard_fate query_guard_fate(const struct query *query,
                                 const struct event *acquired)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = query_op(query, acquired->op);
    ir_id var;

    if (op->kind != IR_CALL || !acquired->by_guard || !returns_guard(acquired))
        return GUARD_KEPT;
    if (query_is_unused(query, acquired->op))
        return is_misread(query) ? GUARD_KEPT : GUARD_UNUSED;
    var = owner_of(query, acquired->op);
    if (!var || ir_param(query->fn->ir, var) >= 0)
        return GUARD_KEPT;
    if (unit->vars.items[var].cleanup)
        return is_empty(query, acquired->op, var) ? GUARD_EMPTY : GUARD_KEPT;
    return is_mentioned(query, var) ? GUARD_KEPT : GUARD_NO_CLEANUP;
}
