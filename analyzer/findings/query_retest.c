/*
 * Whether a wait that stands in a loop is asked again by it: the question
 * before the wait comes once more before what it is about is used up. A loop
 * around that takes the lock, asks once and goes on is none that waits.
 *
 * Fields and globals that the question reads are what it is about. From the
 * wait on, each way is followed to where it asks again, gives the lock back
 * or returns; one that changes what was asked about, before, has used up what
 * it never saw to be there. To set it to a constant uses nothing up: whoever
 * resets a flag can do so twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "findings/query_retest.h"

#include <string.h>

#include "engine/callee.h"
#include "engine/cfg.h"
#include "ir/ir_same.h"

enum {
    MOST_ABOUT = 16,   /* fields and globals in one question */
    MOST_DERIVED = 16, /* variables that hold what was found there */
    MOST_ASKERS = 8,
    DEEPEST_CALLEE = 2,
    BLOCKS_BEFORE = 16, /* the wait, in which its question is looked for */
};

struct question {
    const struct query *query;
    const struct event *wait;
    struct ir_named about[MOST_ABOUT];
    uint32_t about_count;
    ir_id derived[MOST_DERIVED];
    uint32_t derived_count;
    const struct fn *askers[MOST_ASKERS]; /* whose answers the question is */
    uint32_t asker_count;
    bool is_open; /* it depends on what is not seen */
    bool *seen;   /* by block */
};

static bool is_about(const struct question *question,
                     const struct ir_unit *unit, const struct ir_expr *expr)
{
    struct ir_named subject;

    return ir_named_of(unit, expr, &subject) &&
           ir_named_has(question->about, question->about_count, subject);
}

static void about_add(struct question *question, struct ir_named subject)
{
    if (question->about_count < MOST_ABOUT)
        question->about[question->about_count++] = subject;
    else
        question->is_open = true;
}

static bool is_derived(const struct question *question, ir_id var)
{
    for (uint32_t i = 0; i < question->derived_count; i++)
        if (question->derived[i] == var)
            return true;
    return false;
}

/* `list_empty(list)`, once more. */
static bool is_answer(const struct question *question,
                      const struct ir_unit *unit, const struct ir_expr *expr)
{
    const struct fn *fn = question->query->fn;
    struct callee callee;

    if (expr->kind != IR_EXPR_TEMP || unit != fn->unit)
        return false;
    callee =
        callee_find(question->query->program, fn, &unit->ops.items[expr->op]);
    for (uint32_t i = 0; callee.body && i < question->asker_count; i++)
        if (question->askers[i] == callee.body)
            return true;
    return false;
}

/* Whether the expression reads what the question is about, or what was found
 * there. */
static bool reads(const struct question *question, const struct ir_unit *unit,
                  ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];

    if (expr->kind == IR_EXPR_VAR)
        return unit == question->query->fn->unit &&
               is_derived(question, expr->var);
    return is_about(question, unit, expr) || is_answer(question, unit, expr) ||
           (ir_expr_has_first(expr) && reads(question, unit, expr->a)) ||
           (ir_expr_has_second(expr) && reads(question, unit, expr->b));
}

static void ask(struct question *question, const struct fn *fn, ir_id id,
                int depth);

/* What a function's answer is about, is what it asks for itself. */
static void ask_callee(struct question *question, const struct fn *fn, ir_id op,
                       int depth)
{
    struct callee callee =
        callee_find(question->query->program, fn, &fn->unit->ops.items[op]);
    const struct fn *body = callee.meaning ? NULL : callee.body;

    if (!body || depth == DEEPEST_CALLEE) {
        question->is_open = true;
        return;
    }
    if (question->asker_count < MOST_ASKERS)
        question->askers[question->asker_count++] = body;
    for (uint32_t i = 0; i < body->ir->op_count; i++) {
        const struct ir_op *inner =
            &body->unit->ops.items[body->ir->first_op + i];

        if (inner->kind == IR_RETURN || inner->kind == IR_BRANCH)
            ask(question, body, inner->a, depth + 1);
    }
}

static void ask(struct question *question, const struct fn *fn, ir_id id,
                int depth)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];
    struct ir_named subject;

    if (ir_named_of(unit, expr, &subject) && !is_about(question, unit, expr))
        about_add(question, subject);
    if (expr->kind == IR_EXPR_TEMP)
        ask_callee(question, fn, expr->op, depth);
    /* Where a local comes from is not looked for. */
    if (expr->kind == IR_EXPR_VAR && depth == 0 &&
        ir_param(fn->ir, expr->var) < 0 &&
        !ir_type_is_pointer(unit, unit->vars.items[expr->var].type))
        question->is_open = true;
    if (ir_expr_has_first(expr))
        ask(question, fn, expr->a, depth);
    if (ir_expr_has_second(expr))
        ask(question, fn, expr->b, depth);
}

static bool leads_to(const struct fn *fn, const struct ir_block *block,
                     uint32_t to)
{
    for (uint32_t i = 0; i < block->edge_count; i++)
        if (fn->unit->edges.items[block->first_edge + i].block ==
            fn->ir->first_block + to)
            return true;
    return false;
}

/* An event of that kind with the lock of the wait, at the op. */
static bool has_event(const struct question *question, enum event_kind kind,
                      ir_id op)
{
    for_each_event(question->query, event, kind) {
        if (event->op == op &&
            !strcmp(event->lock.class, question->wait->lock.class))
            return true;
    }
    return false;
}

static bool takes_lock(const struct question *question,
                       const struct ir_block *block)
{
    for (uint32_t i = 0; i < block->op_count; i++)
        if (has_event(question, EVENT_ACQUIRE, block->first_op + i))
            return true;
    return false;
}

/* `if (entry)`: what was looked up is asked for; and whoever asks for it once
 * more has looked again. */
static void pointer_ask(struct question *question, const struct fn *fn,
                        ir_id id)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_expr *expr = &unit->exprs.items[id];

    while (expr->kind == IR_EXPR_UNARY ||
           (expr->kind == IR_EXPR_BINARY &&
            ir_is_constant(&unit->exprs.items[expr->b])))
        expr = &unit->exprs.items[expr->a];
    if (expr->kind == IR_EXPR_VAR && ir_param(fn->ir, expr->var) < 0 &&
        ir_type_is_pointer(unit, unit->vars.items[expr->var].type) &&
        question->derived_count < MOST_DERIVED)
        question->derived[question->derived_count++] = expr->var;
}

/* Everything that is asked between the lock and the wait. */
static void question_find(struct question *question, uint32_t home)
{
    const struct fn *fn = question->query->fn;
    uint32_t open[BLOCKS_BEFORE] = {home};
    uint32_t count = 1;

    for (uint32_t i = 0; i < count; i++) {
        if (takes_lock(question, ir_block(fn->unit, fn->ir, open[i])))
            continue;
        for (uint32_t from = 0; from < fn->ir->block_count; from++) {
            const struct ir_block *block = ir_block(fn->unit, fn->ir, from);
            bool is_known = false;

            for (uint32_t k = 0; k < count; k++)
                is_known |= open[k] == from;
            if (is_known || !leads_to(fn, block, open[i]))
                continue;
            if (ir_block_end(fn->unit, block)->kind == IR_BRANCH) {
                ask(question, fn, ir_block_end(fn->unit, block)->a, 0);
                pointer_ask(question, fn, ir_block_end(fn->unit, block)->a);
            }
            if (count < BLOCKS_BEFORE)
                open[count++] = from;
        }
    }
}

/* A branch whose other way ends the program is an assertion: it asks nothing
 * that the code would go on with. */
static bool asks(const struct question *question, const struct fn *fn,
                 const struct ir_block *block)
{
    const struct ir_op *last = ir_block_end(fn->unit, block);

    if ((last->kind != IR_BRANCH && last->kind != IR_SWITCH) ||
        !reads(question, fn->unit, last->a))
        return false;
    for (uint32_t i = 0; i < block->edge_count; i++) {
        uint32_t to = fn->unit->edges.items[block->first_edge + i].block -
                      fn->ir->first_block;

        if (ir_block_end(fn->unit, ir_block(fn->unit, fn->ir, to))->kind ==
            IR_UNREACHABLE)
            return false;
    }
    return true;
}

static bool uses_up(const struct question *question, const struct fn *fn,
                    const struct ir_op *op)
{
    const struct ir_unit *unit = fn->unit;

    return op->kind == IR_ASSIGN && op->b &&
           !ir_is_constant(&unit->exprs.items[op->b]) &&
           is_about(question, unit, &unit->exprs.items[op->a]);
}

enum step { STEP_ON, STEP_SETTLED, STEP_USED };

/* What a callee does about it, on any of its ways. */
static enum step callee_step(const struct question *question,
                             const struct fn *fn, ir_id op, int depth)
{
    struct callee callee =
        callee_find(question->query->program, fn, &fn->unit->ops.items[op]);
    enum step step = STEP_ON;

    if (callee.meaning)
        return STEP_ON;
    if (!callee.body || depth == DEEPEST_CALLEE)
        return callee.is_last ? STEP_ON : STEP_SETTLED;
    for (uint32_t at = 0; at < callee.body->ir->block_count; at++) {
        const struct fn *body = callee.body;
        const struct ir_block *block = ir_block(body->unit, body->ir, at);

        if (asks(question, body, block))
            return STEP_SETTLED;
        for (uint32_t i = 0; i < block->op_count; i++) {
            ir_id inner = block->first_op + i;
            enum step found = STEP_ON;

            if (uses_up(question, body, &body->unit->ops.items[inner]))
                found = STEP_USED;
            else if (body->unit->ops.items[inner].kind == IR_CALL)
                found = callee_step(question, body, inner, depth + 1);
            if (found == STEP_SETTLED)
                return found;
            step = found == STEP_USED ? found : step;
        }
    }
    return step;
}

static enum step op_step(struct question *question, ir_id id)
{
    const struct fn *fn = question->query->fn;
    const struct ir_op *op = &fn->unit->ops.items[id];
    const struct ir_expr *place = &fn->unit->exprs.items[op->a];

    if (op->kind == IR_RETURN || id == question->wait->op ||
        has_event(question, EVENT_RELEASE, id))
        return STEP_SETTLED;
    if (op->kind == IR_CALL)
        return callee_step(question, fn, id, 0);
    if (uses_up(question, fn, op))
        return STEP_USED;
    if (op->kind == IR_ASSIGN && place->kind == IR_EXPR_VAR && op->b &&
        reads(question, fn->unit, op->b) &&
        question->derived_count < MOST_DERIVED)
        question->derived[question->derived_count++] = place->var;
    return STEP_ON;
}

/* Follows all ways from an op on; whether one of them uses it up. */
static bool follow(struct question *question, uint32_t at, ir_id from)
{
    const struct fn *fn = question->query->fn;
    const struct ir_block *block = ir_block(fn->unit, fn->ir, at);

    for (ir_id op = from; op < block->first_op + block->op_count; op++) {
        enum step step = op_step(question, op);

        if (step != STEP_ON)
            return step == STEP_USED;
    }
    if (asks(question, fn, block))
        return false;
    for (uint32_t i = 0; i < block->edge_count; i++) {
        uint32_t to = fn->unit->edges.items[block->first_edge + i].block -
                      fn->ir->first_block;

        if (question->seen[to])
            continue;
        question->seen[to] = true;
        if (follow(question, to, ir_block(fn->unit, fn->ir, to)->first_op))
            return true;
    }
    return false;
}

bool query_goes_on_unasked(const struct query *query, const struct event *wait)
{
    const struct fn *fn = query->fn;
    struct question question = {.query = query, .wait = wait};
    struct arena arena = {0};
    uint32_t home = cfg_block_of(fn->unit, fn->ir, wait->op);
    bool answer;

    if (!wait->lock.name)
        return false;
    question_find(&question, home);
    if (question.is_open || !question.about_count)
        return false;
    question.seen = arena_array(&arena, fn->ir->block_count, sizeof(bool));
    answer = follow(&question, home, wait->op + 1);
    arena_finish(&arena);
    return answer;
}
