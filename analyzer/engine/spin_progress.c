/*
 * Whether a loop gets on that waits for nothing, see spin.h: what its way round
 * asks for, to leave the loop or to wait at last, and what that may be in the
 * next round.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "base/str.h"
#include "engine/callee.h"
#include "engine/cfg.h"
#include "engine/spin.h"
#include "engine/spin_loop.h"

static const char *called(const struct fn *fn, const struct ir_op *op)
{
    ir_id symbol = ir_call_symbol(fn->unit, op);

    return symbol ? ir_text(fn->unit, fn->unit->symbols.items[symbol].name)
                  : "";
}

static bool is_atomic_load(const char *name)
{
    return str_starts_with(name, "__c11_atomic_load") ||
           str_starts_with(name, "__atomic_load");
}

bool spin_is_getter(const struct fn *fn)
{
    if (fn->ir->flags & IR_FN_NOT_ANALYSED)
        return false;
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];

        if (op->kind == IR_ASM ||
            (op->kind == IR_ASSIGN &&
             fn->unit->exprs.items[op->a].kind != IR_EXPR_VAR) ||
            (op->kind == IR_CALL && !is_atomic_load(called(fn, op))))
            return false;
    }
    return true;
}

/* A call that only looks, and sees next time what others have done. */
static bool only_looks(const struct fn *fn, ir_id op)
{
    if (is_atomic_load(called(fn, &fn->unit->ops.items[op])))
        return true;
    for (uint32_t i = 0; i < fn->callees->items.count; i++) {
        const struct callee_site *site = &fn->callees->items.items[i];

        if (site->op == op && site->callee.is_call)
            return !site->callee.meaning && site->callee.body &&
                   spin_is_getter(site->callee.body);
    }
    return false;
}

/* A flag that is set for whoever comes first: `exchange(&busy, 1)`. */
static bool sets_flag(const struct fn *fn, const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;
    const char *name = called(fn, op);
    const struct ir_expr *set;

    if (strstr(name, "test_and_set"))
        return true;
    if (!strstr(name, "atomic_exchange") || op->args.count < 2)
        return false;
    set = &unit->exprs.items[ir_list_at(unit, op->args, 1)];
    return set->kind == IR_EXPR_CONST && set->value != 0;
}

/* An attempt to take a lock, or such a flag. */
static bool is_attempt(const struct fn *fn, ir_id op)
{
    if (sets_flag(fn, &fn->unit->ops.items[op]))
        return true;
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].op == op &&
            fn->events.items.items[i].kind == EVENT_ACQUIRE)
            return fn->events.items.items[i].is_try;
    return false;
}

/* Whether an op on the way round may change memory, or this variable. */
static bool changes(const struct loop *loop, ir_id var)
{
    const struct ir_unit *unit = loop->fn->unit;

    for (uint32_t at = 0; at < loop->fn->ir->block_count; at++) {
        const struct ir_block *block =
            ir_block(loop->fn->unit, loop->fn->ir, at);

        for (uint32_t i = 0; loop->round[at] && i < block->op_count; i++) {
            const struct ir_op *op = &unit->ops.items[block->first_op + i];
            const struct ir_expr *place = &unit->exprs.items[op->a];

            if (op->kind == IR_ASM ||
                (op->kind == IR_CALL &&
                 !only_looks(loop->fn, block->first_op + i)))
                return true;
            if (var ? ir_op_sets(unit, op, var)
                    : op->kind == IR_ASSIGN && place->kind != IR_EXPR_VAR)
                return true;
        }
    }
    return false;
}

static enum progress more(enum progress one, enum progress two)
{
    return one > two ? one : two;
}

/* Whether what the call is given is another thing in each round. */
static bool moves_on(const struct loop *loop, ir_id expr)
{
    const struct ir_expr *found = &loop->fn->unit->exprs.items[expr];

    switch ((enum ir_expr_kind)found->kind) {
    case IR_EXPR_VAR:
        return changes(loop, found->var);
    case IR_EXPR_ADDR:
    case IR_EXPR_FIELD:
    case IR_EXPR_DEREF:
    case IR_EXPR_UNARY:
        return moves_on(loop, found->a);
    default:
        return false;
    }
}

static bool is_up_to_others(const struct loop *loop, ir_id op)
{
    const struct ir_unit *unit = loop->fn->unit;
    const struct ir_op *call = &unit->ops.items[op];

    if (is_attempt(loop->fn, op))
        return true;
    for (uint32_t i = 0; i < call->args.count; i++)
        if (moves_on(loop, ir_list_at(unit, call->args, i)))
            return false;
    return is_atomic_load(called(loop->fn, call)) ||
           (only_looks(loop->fn, op) && !changes(loop, 0));
}

static enum progress progress_of(const struct loop *loop, ir_id expr);

/* The same of where it is: `&item->link != head` of a list in its items. */
static enum progress progress_of_place(const struct loop *loop, ir_id place)
{
    const struct ir_expr *found = &loop->fn->unit->exprs.items[place];

    switch ((enum ir_expr_kind)found->kind) {
    case IR_EXPR_FIELD:
        return progress_of_place(loop, found->a);
    case IR_EXPR_INDEX:
        return more(progress_of_place(loop, found->a),
                    progress_of(loop, found->b));
    case IR_EXPR_DEREF:
        return progress_of(loop, found->a);
    default:
        return PROGRESS_NONE;
    }
}

/* What asking for the expression's value can tell in the next round. */
static enum progress progress_of(const struct loop *loop, ir_id expr)
{
    const struct ir_unit *unit = loop->fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];

    switch ((enum ir_expr_kind)found->kind) {
    case IR_EXPR_VAR:
        return changes(loop, found->var) ? PROGRESS_MADE : PROGRESS_NONE;
    case IR_EXPR_TEMP:
        return is_up_to_others(loop, found->op) ? PROGRESS_BY_OTHERS
                                                : PROGRESS_MADE;
    case IR_EXPR_GLOBAL:
        return changes(loop, 0) ? PROGRESS_MADE : PROGRESS_BY_OTHERS;
    case IR_EXPR_INDEX:
        if (progress_of(loop, found->b) == PROGRESS_MADE)
            return PROGRESS_MADE;
        /* fallthrough */
    case IR_EXPR_FIELD:
    case IR_EXPR_DEREF:
        if (changes(loop, 0))
            return PROGRESS_MADE;
        return more(PROGRESS_BY_OTHERS, progress_of(loop, found->a));
    case IR_EXPR_BINARY:
        return more(progress_of(loop, found->a), progress_of(loop, found->b));
    case IR_EXPR_UNARY:
        return progress_of(loop, found->a);
    case IR_EXPR_ADDR:
        return progress_of_place(loop, found->a);
    case IR_EXPR_UNKNOWN:
        return PROGRESS_MADE;
    default:
        return PROGRESS_NONE;
    }
}

/* Whether the round sets a variable that the expression asks for, and not to
 * what a call has answered. */
static bool is_counted(const struct loop *loop, ir_id expr)
{
    const struct ir_unit *unit = loop->fn->unit;
    const struct ir_expr *found = &unit->exprs.items[expr];

    if (found->kind == IR_EXPR_BINARY || found->kind == IR_EXPR_UNARY)
        return is_counted(loop, found->a) ||
               (found->kind == IR_EXPR_BINARY && is_counted(loop, found->b));
    if (found->kind != IR_EXPR_VAR)
        return false;
    for (uint32_t at = 0; at < loop->fn->ir->block_count; at++) {
        const struct ir_block *block =
            ir_block(loop->fn->unit, loop->fn->ir, at);

        for (uint32_t i = 0; loop->round[at] && i < block->op_count; i++) {
            const struct ir_op *op = &unit->ops.items[block->first_op + i];

            if (op->kind == IR_ASSIGN && ir_op_sets(unit, op, found->var) &&
                (ir_is_constant(&unit->exprs.items[op->b]) ||
                 unit->exprs.items[op->b].kind == IR_EXPR_BINARY))
                return true;
        }
    }
    return false;
}

/* `if (is_next) wait(); is_next = true;` waits in the next round, and
 * `if (!(++count % 100)) wait();` in the hundredth. */
static bool comes_to_wait(const struct loop *loop)
{
    const struct fn *fn = loop->fn;

    for (uint32_t at = 0; at < fn->ir->block_count; at++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, at);
        const struct ir_op *last = ir_block_end(fn->unit, block);

        for (uint32_t k = 0;
             loop->round[at] && k < cfg_edge_count(loop->fn, block); k++) {
            uint32_t to = cfg_edge_to(fn, block, k);

            if (last->kind == IR_BRANCH && loop->whole[to] &&
                !loop->round[to] && is_counted(loop, last->a))
                return true;
        }
    }
    return false;
}

enum progress loop_progress(const struct loop *loop)
{
    const struct fn *fn = loop->fn;
    enum progress progress =
        comes_to_wait(loop) ? PROGRESS_MADE : PROGRESS_NONE;

    for (uint32_t at = 0; at < fn->ir->block_count; at++) {
        const struct ir_block *block = ir_block(fn->unit, fn->ir, at);
        const struct ir_op *last = ir_block_end(fn->unit, block);
        bool leaves = false;

        for (uint32_t k = 0;
             loop->round[at] && k < cfg_edge_count(loop->fn, block); k++)
            leaves = leaves || !loop->whole[cfg_edge_to(fn, block, k)];
        if (leaves)
            progress = more(progress, last->kind == IR_INDIRECT
                                          ? PROGRESS_MADE
                                          : progress_of(loop, last->a));
    }
    return progress;
}
