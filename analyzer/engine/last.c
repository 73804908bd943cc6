/*
 * Finding where last references are dropped, see last.h. A count is what a
 * place holds behind `--place`, in the same block, and what variables and calls
 * have of it: its value before or after, or whether it is nought now.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/last.h"

#include <string.h>

#include "base/str.h"
#include "engine/callee.h"
#include "ir/ir_same.h"

/* One function that is looked at. */
struct finder {
    const struct program *program;
    struct fn *fn;
    const struct ir_unit *unit;
    struct arena arena;
    enum count *vars;     /* by variable: which count it has, … */
    bool *is_set;         /* … if it is set once, but for how it begins */
    ir_id place;          /* what has one less since here in the block, or 0 */
    uint8_t *last_way;    /* by block: which edges the last one goes, by kind */
    enum count *returned; /* by block: what a return there gives of a count */
};

static bool has_minus_one(const struct ir_unit *unit, const struct ir_op *call)
{
    for (uint32_t i = 0; i < call->args.count; i++) {
        const struct ir_expr *arg =
            &unit->exprs.items[ir_list_at(unit, call->args, i)];

        if (arg->kind == IR_EXPR_CONST && arg->value == -1)
            return true;
    }
    return false;
}

/* How the compiler's own functions give the count, all sizes alike. */
static enum count builtin_count(const struct ir_unit *unit, const char *name,
                                const struct ir_op *call)
{
    static const struct {
        const char *name;
        enum count count;
        bool is_addition;
    } builtins[] = {
        {"__atomic_sub_fetch", COUNT_AFTER, false},
        {"__atomic_add_fetch", COUNT_AFTER, true},
        {"__atomic_fetch_sub", COUNT_BEFORE, false},
        {"__atomic_fetch_add", COUNT_BEFORE, true},
        {"__c11_atomic_fetch_sub", COUNT_BEFORE, false},
        {"__c11_atomic_fetch_add", COUNT_BEFORE, true},
        {"__sync_sub_and_fetch", COUNT_AFTER, false},
        {"__sync_add_and_fetch", COUNT_AFTER, true},
        {"__sync_fetch_and_sub", COUNT_BEFORE, false},
        {"__sync_fetch_and_add", COUNT_BEFORE, true},
        /* Another thread than that one answers as the last reference does. */
        {"pthread_equal", COUNT_AFTER, false},
        {"thrd_equal", COUNT_AFTER, false},
    };

    for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
        if (str_starts_with(name, builtins[i].name) &&
            (!builtins[i].is_addition || has_minus_one(unit, call)))
            return builtins[i].count;
    return COUNT_NONE;
}

static bool says_references(const char *name)
{
    return strstr(name, "ref") || strstr(name, "Ref");
}

/* A field on the way there, or its struct, says by its name that these are
 * references. */
static bool names_references(const struct ir_unit *unit, ir_id place)
{
    const struct ir_expr *expr = &unit->exprs.items[place];

    for (; expr->kind == IR_EXPR_FIELD; expr = &unit->exprs.items[expr->a]) {
        const struct ir_field *field = &unit->fields.items[expr->field];

        if (says_references(ir_text(unit, field->name)) ||
            says_references(
                ir_text(unit, unit->records.items[field->record].name)))
            return true;
    }
    return false;
}

/* A macro or function of a missing header that takes one from references. */
static enum count unseen_count(const struct ir_unit *unit, const char *name,
                               const struct ir_op *call)
{
    if ((!strcasestr(name, "dec") && !strcasestr(name, "sub")) ||
        strcasestr(name, "fetch"))
        return COUNT_NONE;
    for (uint32_t i = 0; i < call->args.count; i++) {
        ir_id arg = ir_list_at(unit, call->args, i);

        if (unit->exprs.items[arg].kind == IR_EXPR_ADDR)
            arg = unit->exprs.items[arg].a;
        if (names_references(unit, arg))
            return strcasestr(name, "test") ? COUNT_IS_LAST : COUNT_AFTER;
    }
    return COUNT_NONE;
}

static enum count call_count(const struct fn *fn, ir_id op,
                             const struct callee *callee)
{
    const struct ir_op *call = &fn->unit->ops.items[op];
    enum count count = COUNT_NONE;

    if (meaning_has(callee->meaning, EFFECT_REF_DROP))
        return COUNT_IS_LAST;
    if (!callee->body && callee->name)
        count = builtin_count(fn->unit, callee->name, call);
    if (!callee->body && callee->name && !callee->meaning && !count)
        count = unseen_count(fn->unit, callee->name, call);
    if (!callee->body)
        return count;
    return callee->meaning ? COUNT_NONE
                           : (enum count)callee->body->returns_count;
}

static enum count op_count(const struct finder *finder, ir_id op)
{
    struct callee callee =
        callee_find(finder->program, finder->fn, &finder->unit->ops.items[op]);

    return call_count(finder->fn, op, &callee);
}

/* `… - 1`. */
static bool is_less_one(const struct ir_unit *unit, const struct ir_expr *expr)
{
    const struct ir_expr *step = &unit->exprs.items[expr->b];

    return expr->kind == IR_EXPR_BINARY && step->kind == IR_EXPR_CONST &&
           ((expr->operator== IR_ADD && step->value == - 1) ||
            (expr->operator== IR_SUB && step->value == 1));
}

static enum count count_of(const struct finder *finder, ir_id id)
{
    const struct ir_expr *expr = &finder->unit->exprs.items[id];

    if (expr->kind == IR_EXPR_VAR)
        return finder->vars[expr->var - finder->fn->ir->first_var];
    if (expr->kind == IR_EXPR_TEMP)
        return op_count(finder, expr->op);
    if (is_less_one(finder->unit, expr) &&
        count_of(finder, expr->a) == COUNT_BEFORE)
        return COUNT_AFTER;
    return finder->place && ir_expr_is_same(finder->unit, id, finder->place)
               ? COUNT_AFTER
               : COUNT_NONE;
}

/* ---- questions */

/* What the count is when it is the last one that goes, and when not. */
static const struct {
    int64_t last;
    int64_t others[2];
} values[] = {
    [COUNT_BEFORE] = {1, {2, 3}},
    [COUNT_AFTER] = {0, {1, 2}},
    [COUNT_IS_LAST] = {1, {0, 0}},
};

/* `expr` with the count being `value`; false: it is no question for one. */
static bool answer(const struct finder *finder, ir_id id, int64_t value,
                   enum count *count, int64_t *answer_is)
{
    const struct ir_expr *expr = &finder->unit->exprs.items[id];
    const struct ir_expr *second;

    if (expr->kind == IR_EXPR_UNARY && expr->operator== IR_NOT) {
        if (!answer(finder, expr->a, value, count, answer_is))
            return false;
        *answer_is = !*answer_is;
        return true;
    }
    second = &finder->unit->exprs.items[expr->b];
    *answer_is = value;
    if (expr->kind == IR_EXPR_BINARY && second->kind == IR_EXPR_CONST) {
        *count = count_of(finder, expr->a);
        return *count && ir_operator_fold(expr->operator, value, second->value,
                                          answer_is);
    }
    *count = count_of(finder, id);
    return *count != COUNT_NONE;
}

/* Whether the last one is told from the others: by true, or by false. */
static bool asks_last(const struct finder *finder, ir_id id, bool *is_true)
{
    enum count count = COUNT_NONE;
    int64_t last;
    int64_t other;

    if (!id || !answer(finder, id, 0, &count, &last) ||
        !answer(finder, id, values[count].last, &count, &last))
        return false;
    *is_true = last != 0;
    for (size_t i = 0; i < 2; i++)
        if (!answer(finder, id, values[count].others[i], &count, &other) ||
            (other != 0) == *is_true)
            return false;
    return true;
}

/* What a question, or a value, says of a count. */
static enum count said_count(const struct finder *finder, ir_id id)
{
    enum count count = count_of(finder, id);
    bool is_true;

    if (!count && asks_last(finder, id, &is_true) && is_true)
        return COUNT_IS_LAST;
    return count;
}

/* ---- counting down */

/* `place->refs = place->refs - 1`. What is not counted with atomics counts all
 * sorts of things, and only a name says that these are references: its own,
 * or that of its struct. */
static bool counts_down(const struct ir_unit *unit, const struct ir_op *op)
{
    const struct ir_expr *place = &unit->exprs.items[op->a];
    const struct ir_expr *value = &unit->exprs.items[op->b];

    if (op->kind != IR_ASSIGN || !is_less_one(unit, value) ||
        place->kind != IR_EXPR_FIELD || !ir_expr_is_same(unit, op->a, value->a))
        return false;
    return names_references(unit, op->a);
}

/* A variable is set, to more than what it begins with; `next` may take one from
 * where its value is from. */
static void var_set(struct finder *finder, const struct ir_op *op,
                    const struct ir_op *next)
{
    uint32_t at =
        finder->unit->exprs.items[op->a].var - finder->fn->ir->first_var;

    if (op->flags & IR_OP_INIT &&
        finder->unit->exprs.items[op->b].kind == IR_EXPR_CONST)
        return;
    if (finder->is_set[at]) {
        finder->vars[at] = COUNT_NONE;
        return;
    }
    finder->is_set[at] = true;
    if (counts_down(finder->unit, next) &&
        ir_expr_is_same(finder->unit, op->b, next->a))
        finder->vars[at] = COUNT_BEFORE;
    else
        finder->vars[at] = said_count(finder, op->b);
}

static void op_pass(struct finder *finder, const struct ir_op *op)
{
    if (op->kind != IR_ASSIGN)
        return;
    if (counts_down(finder->unit, op))
        finder->place = op->a;
    else if (finder->unit->exprs.items[op->a].kind == IR_EXPR_VAR)
        var_set(finder, op, op + 1);
    else if (finder->place &&
             ir_expr_is_same(finder->unit, op->a, finder->place))
        finder->place = 0;
}

static void block_pass(struct finder *finder, uint32_t at)
{
    const struct ir_block *block = ir_block(finder->unit, finder->fn->ir, at);
    const struct ir_op *end = ir_block_end(finder->unit, block);
    bool is_true;

    finder->place = 0;
    for (uint32_t i = 0; i < block->op_count; i++)
        op_pass(finder, &finder->unit->ops.items[block->first_op + i]);
    if (end->kind == IR_RETURN && end->a)
        finder->returned[at] = said_count(finder, end->a);
    else if (end->kind == IR_BRANCH && asks_last(finder, end->a, &is_true))
        finder->last_way[at] =
            (uint8_t)(1u << (is_true ? IR_EDGE_TRUE : IR_EDGE_FALSE));
}

/* ---- what stands behind it */

/* By block: whether it can be reached when it is not the last one. */
static const bool *others_reach(struct finder *finder)
{
    const struct ir_fn *ir = finder->fn->ir;
    bool *is_reached =
        arena_array(&finder->arena, ir->block_count, sizeof(bool));
    VEC(uint32_t) queue = {0};

    is_reached[0] = true;
    vec_add(&finder->arena, &queue, 0);
    for (uint32_t i = 0; i < queue.count; i++) {
        uint32_t at = queue.items[i];
        const struct ir_block *block = ir_block(finder->unit, ir, at);

        for (uint32_t k = 0; k < block->edge_count; k++) {
            const struct ir_edge *edge =
                &finder->unit->edges.items[block->first_edge + k];
            uint32_t to = edge->block - ir->first_block;

            if (is_reached[to] || finder->last_way[at] >> edge->kind & 1)
                continue;
            is_reached[to] = true;
            vec_add(&finder->arena, &queue, to);
        }
    }
    return is_reached;
}

static void ops_mark(struct finder *finder, struct arena *arena,
                     const bool *is_reached)
{
    const struct ir_fn *ir = finder->fn->ir;
    bool *at_last = arena_array(arena, ir->op_count, sizeof(bool));

    for (uint32_t at = 0; at < ir->block_count; at++) {
        const struct ir_block *block = ir_block(finder->unit, ir, at);

        for (uint32_t i = 0; i < block->op_count; i++)
            at_last[block->first_op + i - ir->first_op] = !is_reached[at];
    }
    finder->fn->at_last = at_last;
}

/* Whether a constant that is returned tells callers if it was the last. */
static bool is_truth(const struct finder *finder, ir_id value, bool is_last)
{
    const struct ir_expr *expr = &finder->unit->exprs.items[value];

    return expr->kind == IR_EXPR_CONST && is_last == (expr->value != 0);
}

/* What its callers get of the count: all returns agree, and not all of them
 * are constants that would say so of anything. */
static enum count all_returned(const struct finder *finder,
                               const bool *is_reached)
{
    const struct ir_fn *ir = finder->fn->ir;
    enum count all = COUNT_NONE;
    bool has_truth = false;

    for (uint32_t at = 0; at < ir->block_count; at++) {
        const struct ir_op *end =
            ir_block_end(finder->unit, ir_block(finder->unit, ir, at));
        enum count here = finder->returned[at];

        if (end->kind != IR_RETURN || !end->a)
            continue;
        if (!here && !is_truth(finder, end->a, !is_reached[at]))
            return COUNT_NONE;
        has_truth |= !here;
        if (!here && is_reached[at])
            continue;
        if (!here)
            here = COUNT_IS_LAST;
        if (all && all != here)
            return COUNT_NONE;
        all = here;
    }
    return has_truth && all != COUNT_IS_LAST ? COUNT_NONE : all;
}

/* Most functions count nothing. */
static bool is_of_interest(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->callees->items.count; i++)
        if (call_count(fn, fn->callees->items.items[i].op,
                       &fn->callees->items.items[i].callee))
            return true;
    for (uint32_t i = 0; i < fn->ir->op_count; i++)
        if (counts_down(fn->unit, &fn->unit->ops.items[fn->ir->first_op + i]))
            return true;
    return false;
}

static void fn_find(const struct program *program, struct fn *fn)
{
    const struct ir_fn *ir = fn->ir;
    struct finder finder = {.program = program, .fn = fn, .unit = fn->unit};
    const bool *is_reached;
    bool is_any = false;

    finder.vars =
        arena_array(&finder.arena, ir->var_count, sizeof(*finder.vars));
    finder.is_set = arena_array(&finder.arena, ir->var_count, sizeof(bool));
    finder.last_way = arena_array(&finder.arena, ir->block_count, 1);
    finder.returned =
        arena_array(&finder.arena, ir->block_count, sizeof(*finder.returned));
    for (uint32_t at = 0; at < ir->block_count; at++) {
        block_pass(&finder, at);
        is_any |= finder.last_way[at];
    }
    is_reached = others_reach(&finder);
    if (is_any)
        ops_mark(&finder, program->arena, is_reached);
    fn->returns_count = all_returned(&finder, is_reached);
    arena_finish(&finder.arena);
}

void last_solve(const struct program *program)
{
    struct fn *const *order = program->callees_first;

    for (uint32_t i = 0; i < program->fns.count; i++)
        if (is_of_interest(order[i]))
            fn_find(program, order[i]);
}
