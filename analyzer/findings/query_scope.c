/*
 * Guards as variables, read from the IR: its jumps, scopes and cleanups.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_scope.h"

#include "engine/cfg.h"
#include "ir/ir_same.h"

enum { MOST_BLOCKS = 4096 }; /* beyond, jumps into scopes are not looked for */

static const struct ir_op *op_get(const struct query *query, ir_id op)
{
    return &query->fn->unit->ops.items[op];
}

/* Whether the call gets the variable's address. */
static bool has_address(const struct query *query, const struct ir_op *call,
                        ir_id var)
{
    const struct ir_unit *unit = query->fn->unit;

    for (uint32_t i = 0; i < call->args.count; i++) {
        const struct ir_expr *arg =
            &unit->exprs.items[unit->lists.items[call->args.first + i]];

        if (arg->kind == IR_EXPR_ADDR && ir_is_var(unit, arg->a, var))
            return true;
    }
    return false;
}

static bool is_cleanup_of(const struct query *query, ir_id op, ir_id var)
{
    const struct ir_op *found = op_get(query, op);

    return found->kind == IR_CALL && found->flags & IR_OP_CLEANUP &&
           has_address(query, found, var);
}

/* What gives the variable a value. */
static bool sets(const struct query *query, ir_id op, ir_id var)
{
    const struct ir_op *found = op_get(query, op);

    return ir_op_sets(query->fn->unit, found, var) ||
           (found->kind == IR_CALL && !(found->flags & IR_OP_CLEANUP) &&
            has_address(query, found, var));
}

/* ---- jumps into a scope: one variable at a time */

struct reach {
    const struct query *query;
    ir_id var;
    bool *bare_in; /* by block: it may be without a value where this begins */
    bool *set_in;  /* … it may have one */
    bool *ends_bare;
    bool *ends_set;
    ir_id *cleanup; /* the first cleanup of it, before anything sets it */
};

static const struct ir_block *block_get(const struct reach *reach, uint32_t at)
{
    const struct fn *fn = reach->query->fn;

    return &fn->unit->blocks.items[fn->ir->first_block + at];
}

static void block_run(struct reach *reach, uint32_t at)
{
    const struct ir_block *block = block_get(reach, at);
    bool is_bare = reach->bare_in[at];
    bool is_set = reach->set_in[at];

    for (uint32_t i = 0; i < block->op_count; i++) {
        ir_id op = block->first_op + i;
        const struct ir_op *found = op_get(reach->query, op);

        if ((found->kind == IR_SCOPE_ENTER || found->kind == IR_SCOPE_EXIT) &&
            found->a == reach->var) {
            is_bare = is_bare || is_set;
            is_set = false;
        } else if (sets(reach->query, op, reach->var)) {
            is_set = is_bare || is_set;
            is_bare = false;
        }
    }
    reach->ends_bare[at] = is_bare;
    reach->ends_set[at] = is_set;
}

static void forward(struct reach *reach)
{
    const struct fn *fn = reach->query->fn;
    bool is_changed = true;

    reach->bare_in[0] = true;
    while (is_changed) {
        is_changed = false;
        for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
            uint32_t at = fn->cfg->order[i];
            const struct ir_block *block = block_get(reach, at);

            block_run(reach, at);
            for (uint32_t k = 0; k < block->edge_count; k++) {
                uint32_t to =
                    fn->unit->edges.items[block->first_edge + k].block -
                    fn->ir->first_block;

                is_changed |= (reach->ends_bare[at] && !reach->bare_in[to]) ||
                              (reach->ends_set[at] && !reach->set_in[to]);
                reach->bare_in[to] |= reach->ends_bare[at];
                reach->set_in[to] |= reach->ends_set[at];
            }
        }
    }
}

/* The cleanup that a block leads to before anything sets the variable. */
static void backward(struct reach *reach)
{
    const struct fn *fn = reach->query->fn;
    bool is_changed = true;

    while (is_changed) {
        is_changed = false;
        for (uint32_t i = fn->cfg->block_count; i > 0; i--) {
            uint32_t at = fn->cfg->order[i - 1];
            const struct ir_block *block = block_get(reach, at);
            ir_id found = 0;

            for (uint32_t k = 0; k < block->edge_count && !found; k++)
                found =
                    reach->cleanup[fn->unit->edges.items[block->first_edge + k]
                                       .block -
                                   fn->ir->first_block];
            for (uint32_t k = block->op_count; k > 0; k--) {
                ir_id op = block->first_op + k - 1;

                if (sets(reach->query, op, reach->var))
                    found = 0;
                else if (is_cleanup_of(reach->query, op, reach->var))
                    found = op;
            }
            is_changed |= found && !reach->cleanup[at];
            reach->cleanup[at] = found;
        }
    }
}

/* Where the jump from one block to another is told: at a goto itself, and for
 * a switch at the case that it leads to. */
static ir_id jump_of(const struct reach *reach, uint32_t from, uint32_t to)
{
    const struct ir_block *block = block_get(reach, from);
    ir_id last = block->first_op + block->op_count - 1;
    const struct ir_op *op = op_get(reach->query, last);

    if (op->kind == IR_SWITCH)
        return block_get(reach, to)->first_op;
    if (op->kind == IR_INDIRECT ||
        (op->kind == IR_JUMP && op->flags & IR_OP_GOTO))
        return last;
    return 0;
}

static bool edge_bypasses(const struct reach *reach, uint32_t from, uint32_t to)
{
    return reach->ends_bare[from] && !reach->ends_set[from] &&
           reach->set_in[to] && reach->cleanup[to];
}

/* A switch's case is inside the scope though no other way leads there. */
static bool case_bypasses(const struct reach *reach, uint32_t from, uint32_t to)
{
    const struct ir_block *block = block_get(reach, from);
    const struct ir_op *last =
        op_get(reach->query, block->first_op + block->op_count - 1);

    return last->kind == IR_SWITCH && reach->ends_bare[from] &&
           !reach->ends_set[from] && reach->cleanup[to];
}

static uint32_t bypasses_find(struct reach *reach, uint32_t skip,
                              struct bypass *bypass)
{
    const struct fn *fn = reach->query->fn;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < fn->cfg->block_count; i++) {
        uint32_t at = fn->cfg->order[i];
        const struct ir_block *block = block_get(reach, at);

        for (uint32_t k = 0; k < block->edge_count; k++) {
            uint32_t to = fn->unit->edges.items[block->first_edge + k].block -
                          fn->ir->first_block;
            ir_id op = jump_of(reach, at, to);

            if (!op || (!edge_bypasses(reach, at, to) &&
                        !case_bypasses(reach, at, to)))
                continue;
            if (seen++ == skip)
                *bypass = (struct bypass){reach->var, op, reach->cleanup[to]};
        }
    }
    return seen;
}

static bool is_initialised(const struct query *query, ir_id var)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (op_get(query, op)->flags & IR_OP_INIT &&
            ir_op_sets(query->fn->unit, op_get(query, op), var))
            return true;
    return false;
}

static bool jumps_about(const struct query *query)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++)
        if (op_get(query, op)->flags & IR_OP_GOTO ||
            op_get(query, op)->kind == IR_SWITCH ||
            op_get(query, op)->kind == IR_INDIRECT)
            return true;
    return false;
}

bool query_bypass(const struct query *query, uint32_t at, struct bypass *bypass)
{
    const struct fn *fn = query->fn;
    struct arena arena = {0};
    size_t count = fn->ir->block_count;
    uint32_t before = 0;

    if (!fn->cfg || count > MOST_BLOCKS || !jumps_about(query))
        return false;
    for (ir_id var = fn->ir->first_var;
         before <= at && var < fn->ir->first_var + fn->ir->var_count; var++) {
        struct reach reach = {.query = query, .var = var};

        if (!fn->unit->vars.items[var].cleanup || !is_initialised(query, var))
            continue;
        reach.bare_in = arena_array(&arena, count, sizeof(bool));
        reach.set_in = arena_array(&arena, count, sizeof(bool));
        reach.ends_bare = arena_array(&arena, count, sizeof(bool));
        reach.ends_set = arena_array(&arena, count, sizeof(bool));
        reach.cleanup = arena_array(&arena, count, sizeof(ir_id));
        forward(&reach);
        backward(&reach);
        before += bypasses_find(&reach, at - before, bypass);
    }
    arena_finish(&arena);
    return before > at;
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
        if (op_get(query, op)->kind == IR_SCOPE_ENTER &&
            op_get(query, op)->a == var)
            return op;
    return 0;
}

const char *query_var_name(const struct query *query, ir_id var)
{
    const struct ir_unit *unit = query->fn->unit;
    ir_id macro = outermost(query, op_get(query, enter_of(query, var))->macro);

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
        for (ir_id macro = op_get(query, event->op)->macro; macro;
             macro = unit->macros.items[macro].parent)
            if (event->by_guard && unit->macros.items[macro].scope == scope)
                return true;
    }
    return false;
}

const char *query_hidden_loop(const struct query *query, ir_id op)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *jump = op_get(query, op);

    if (jump->kind != IR_JUMP || !(jump->flags & IR_OP_HIDDEN))
        return NULL;
    while (op-- > query->fn->ir->first_op) {
        const struct ir_op *before = op_get(query, op);

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
        const struct ir_op *found = op_get(query, op);

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
        const struct ir_op *found = op_get(query, op);

        for (uint32_t i = 0; i < found->args.count; i++)
            if (ir_expr_mentions(unit, unit->lists.items[found->args.first + i],
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
    const struct ir_op *found = op_get(query, op);

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
    ir_id macro = outermost(query, op_get(query, acquired)->macro);
    ir_id last = acquired;
    ir_id op;
    bool is_set = false;

    /* The first may be that of a way on which it was not got. */
    for (op = acquired + 1; op < ir->first_op + ir->op_count; op++)
        if (is_cleanup_of(query, op, var))
            last = op;
    for (op = acquired + 1; op < last; op++) {
        if (is_cleanup_of(query, op, var))
            continue;
        if (!is_set && sets(query, op, var)) {
            is_set = true;
            continue;
        }
        if (does_something(query, op, macro))
            return false;
    }
    /* At the end of the function it may well be a barrier. */
    for (op++; op < ir->first_op + ir->op_count; op++)
        if (does_something(query, op, 0) &&
            op_get(query, op)->kind != IR_RETURN)
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

enum guard_fate query_guard_fate(const struct query *query,
                                 const struct event *acquired)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_op *op = op_get(query, acquired->op);
    ir_id var;

    if (op->kind != IR_CALL || !acquired->by_guard || !returns_guard(acquired))
        return GUARD_KEPT;
    if (query_is_unused(query, acquired->op))
        /* What does not compile may look like a call that nobody asks. */
        return unit->problems.count > 1 ? GUARD_KEPT : GUARD_UNUSED;
    var = owner_of(query, acquired->op);
    if (!var || ir_param(query->fn->ir, var) >= 0)
        return GUARD_KEPT;
    if (unit->vars.items[var].cleanup)
        return is_empty(query, acquired->op, var) ? GUARD_EMPTY : GUARD_KEPT;
    return is_mentioned(query, var) ? GUARD_KEPT : GUARD_NO_CLEANUP;
}
