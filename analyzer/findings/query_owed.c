/*
 * Values that have to be awaited: futures and join handles. From the call, each
 * path is followed to the first op that speaks of the variable in which the
 * value was put: whatever is done with it there counts as taking care of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_owed.h"

#include "engine/callee.h"
#include "engine/cfg.h"
#include "findings/query_type.h"
#include "ir/ir_same.h"

enum {
    MOST_BLOCKS = 4096, /* beyond, paths are not followed */
    MOST_HANDS = 2,     /* through which a value comes back to its caller */
};

struct walk {
    const struct query *query;
    ir_id var;
    bool *is_seen; /* by block */
    struct owed owed;
};

static bool is_zero(const struct query *query, ir_id expr)
{
    const struct ir_expr *found = &query->fn->unit->exprs.items[expr];

    return found->kind == IR_EXPR_ZERO ||
           (found->kind == IR_EXPR_CONST && !found->value);
}

/* On which edge of a branch there is no value after all: it is NULL there. */
static bool failure_edge(const struct walk *walk, const struct ir_op *branch,
                         enum ir_edge_kind *edge)
{
    const struct query *query = walk->query;
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_expr *found = &unit->exprs.items[branch->a];

    *edge = IR_EDGE_FALSE;
    if (ir_is_var(unit, branch->a, walk->var))
        return true;
    *edge = IR_EDGE_TRUE;
    if (found->kind == IR_EXPR_UNARY && found->operator== IR_NOT)
        return ir_is_var(unit, found->a, walk->var);
    if (found->kind != IR_EXPR_BINARY ||
        (found->operator!= IR_EQ && found->operator!= IR_NE))
        return false;
    if (found->operator== IR_NE)
        *edge = IR_EDGE_FALSE;
    return (ir_is_var(unit, found->a, walk->var) && is_zero(query, found->b)) ||
           (ir_is_var(unit, found->b, walk->var) && is_zero(query, found->a));
}

static void block_follow(struct walk *walk, uint32_t block, ir_id from);

static void edges_follow(struct walk *walk, const struct ir_block *block,
                         const struct ir_op *last)
{
    const struct fn *fn = walk->query->fn;
    enum ir_edge_kind failure;
    bool can_fail =
        last->kind == IR_BRANCH && failure_edge(walk, last, &failure);

    for (uint32_t i = 0; i < block->edge_count; i++) {
        const struct ir_edge *edge =
            &fn->unit->edges.items[block->first_edge + i];
        uint32_t to = edge->block - fn->ir->first_block;

        if ((can_fail && edge->kind == failure) || walk->is_seen[to])
            continue;
        walk->is_seen[to] = true;
        block_follow(walk, to, 0);
    }
}

static void found(struct walk *walk, enum owed_fate fate, ir_id at)
{
    if (walk->owed.fate == OWED_KEPT)
        walk->owed = (struct owed){.fate = fate, .at = at};
}

/* From the block's start, or from behind the op. */
static void block_follow(struct walk *walk, uint32_t at, ir_id from)
{
    const struct query *query = walk->query;
    const struct ir_fn *ir = query->fn->ir;
    const struct ir_block *block = ir_block(query->fn->unit, ir, at);
    ir_id end = block->first_op + block->op_count;
    enum ir_edge_kind failure;

    for (ir_id op = from ? from + 1 : block->first_op; op < end; op++) {
        const struct ir_op *here = query_op(query, op);

        if (here->kind == IR_BRANCH && failure_edge(walk, here, &failure))
            continue;
        if (ir_op_mentions(query->fn->unit, here, IR_EXPR_VAR, walk->var))
            return;
        if (ir_op_sets(query->fn->unit, here, walk->var)) {
            found(walk, OWED_OVERWRITTEN, op);
            return;
        }
        if (here->kind == IR_RETURN ||
            (here->kind == IR_SCOPE_EXIT && here->a == walk->var)) {
            found(walk, OWED_FORGOTTEN, op);
            return;
        }
    }
    edges_follow(walk, block, query_op(query, end - 1));
}

/* The one ASSIGN of the result to a variable; 0: it goes elsewhere. */
static ir_id kept_at(const struct query *query, ir_id call)
{
    const struct ir_unit *unit = query->fn->unit;
    const struct ir_fn *ir = query->fn->ir;
    ir_id assign = 0;

    for (ir_id op = call + 1; op < ir->first_op + ir->op_count; op++) {
        const struct ir_op *here = query_op(query, op);

        if (!ir_op_mentions(unit, here, IR_EXPR_TEMP, call))
            continue;
        if (assign || here->kind != IR_ASSIGN ||
            unit->exprs.items[here->a].kind != IR_EXPR_VAR ||
            unit->exprs.items[here->b].kind != IR_EXPR_TEMP)
            return 0;
        assign = op;
    }
    return assign;
}

/* By its type, as a pack has it. */
enum owed_type {
    OWED_NOT,
    OWED_VALUE,
    OWED_POINTER, /* which may only be looked at */
};

static enum owed_type owed_type(const struct fn *fn, const struct ir_op *call)
{
    const struct ir_unit *unit = fn->unit;
    ir_id symbol = ir_call_symbol(unit, call);
    ir_id id = symbol ? unit->symbols.items[symbol].type : 0;
    enum owed_type found = OWED_VALUE;

    if (unit->types.items[id].kind != IR_TYPE_FUNCTION)
        return OWED_NOT;
    for (id = unit->types.items[id].of;
         !query_type_has(fn, id, TYPE_MUST_AWAIT);
         id = unit->types.items[id].of) {
        if (unit->types.items[id].kind == IR_TYPE_POINTER &&
            found == OWED_VALUE)
            found = OWED_POINTER;
        else if (unit->types.items[id].kind != IR_TYPE_TYPEDEF)
            return OWED_NOT;
    }
    return found;
}

/* Straight on: `return rt_spawn(…)`. */
static bool is_returned(const struct query *query, ir_id call)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = call + 1; op < ir->first_op + ir->op_count; op++)
        if (query_op(query, op)->kind == IR_RETURN &&
            ir_op_mentions(query->fn->unit, query_op(query, op), IR_EXPR_TEMP,
                           call))
            return true;
    return false;
}

/* Whether nothing but a return, or a question, speaks of the variable. */
static bool is_only_returned(const struct query *query, ir_id var)
{
    const struct ir_fn *ir = query->fn->ir;

    for (ir_id op = ir->first_op; op < ir->first_op + ir->op_count; op++) {
        const struct ir_op *here = query_op(query, op);

        if (here->kind != IR_RETURN && here->kind != IR_BRANCH &&
            ir_op_mentions(query->fn->unit, here, IR_EXPR_VAR, var))
            return false;
    }
    return true;
}

static bool must_be_awaited(const struct query *query, ir_id call,
                            const char **name, int depth);

/* Whether what the function returns is what such a call returned to it. */
static bool hands_on(const struct program *program, const struct fn *fn,
                     int depth)
{
    const struct query query = {.program = program, .fn = fn};
    const struct ir_unit *unit = fn->unit;
    const char *name;

    for (ir_id op = fn->ir->first_op; op < fn->ir->first_op + fn->ir->op_count;
         op++) {
        ir_id kept;

        if (unit->ops.items[op].kind != IR_CALL ||
            !must_be_awaited(&query, op, &name, depth))
            continue;
        kept = kept_at(&query, op);
        if (kept ? is_only_returned(
                       &query, unit->exprs.items[unit->ops.items[kept].a].var)
                 : is_returned(&query, op))
            return true;
    }
    return false;
}

static bool must_be_awaited(const struct query *query, ir_id call,
                            const char **name, int depth)
{
    const struct ir_op *op = query_op(query, call);
    struct callee callee = callee_find(query->program, query->fn, op);

    *name = callee.name;
    if (callee.meaning)
        return callee.meaning->must_await;
    switch (owed_type(query->fn, op)) {
    case OWED_NOT:
        return false;
    case OWED_VALUE:
        return true;
    case OWED_POINTER:
        return callee.body && depth > 0 &&
               hands_on(query->program, callee.body, depth - 1);
    }
    return false;
}

/* Of a call that makes what has to be awaited. */
static struct owed call_owes(const struct query *query, ir_id op,
                             const char *name)
{
    struct owed owed = {OWED_KEPT, name, 0};
    struct arena arena = {0};
    struct walk walk = {.query = query};
    ir_id assign;

    if (query_is_unused(query, op)) {
        owed.fate = OWED_DROPPED;
        return owed;
    }
    assign = kept_at(query, op);
    if (!assign || query->fn->ir->block_count > MOST_BLOCKS)
        return owed;
    walk.var = query->fn->unit->exprs.items[query_op(query, assign)->a].var;
    walk.is_seen =
        arena_array(&arena, query->fn->ir->block_count, sizeof(bool));
    block_follow(&walk, cfg_block_of(query->fn->unit, query->fn->ir, assign),
                 assign);
    owed.fate = walk.owed.fate;
    owed.at = walk.owed.at;
    arena_finish(&arena);
    return owed;
}

struct owed query_owed(const struct query *query, ir_id op)
{
    const char *name = NULL;

    return query_op(query, op)->kind == IR_CALL &&
                   must_be_awaited(query, op, &name, MOST_HANDS)
               ? call_owes(query, op, name)
               : (struct owed){OWED_KEPT, NULL, 0};
}
