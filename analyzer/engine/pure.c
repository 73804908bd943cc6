/*
 * Pure functions and their answers, see pure.h. An answer is kept in the state
 * like a variable, under a number of its own for each function and each list of
 * arguments; it is forgotten when a field or global that the function reads is
 * written, here or in a callee that we see.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pure.h"

#include <ctype.h>
#include <string.h>

#include "ir/ir_same.h"

enum {
    PURE_PLACE = 1 << 29, /* above all variables, below all results */
    MOST_ARGS = 4,
    MOST_READ = 16,      /* fields and globals */
    MOST_OPS = 200,      /* of a function that asks something */
    DEEPEST_CALLEE = 3,  /* in which reads and writes are looked for */
    MOST_LOOKED_AT = 64, /* functions, for what one call may write */
};

struct pure {
    const struct fn *fn;
    struct ir_named reads[MOST_READ];
    uint32_t read_count;
    bool reads_memory; /* through plain pointers, too */
    bool is_pure;
};

/* A question and its arguments. */
struct asked {
    const struct pure *pure;
    node_id args[MOST_ARGS];
};

struct pures {
    VEC(const struct pure *) known; /* functions that were looked at */
    VEC(struct asked) asked;        /* where answers are, by number */
};

static void reads_gather(struct pure *pure, const struct ir_unit *unit,
                         ir_id id)
{
    const struct ir_expr *expr = &unit->exprs.items[id];
    struct ir_named read;

    if (ir_named_of(unit, expr, &read) &&
        !ir_named_has(pure->reads, pure->read_count, read)) {
        if (pure->read_count == MOST_READ)
            pure->is_pure = false;
        else
            pure->reads[pure->read_count++] = read;
    }
    pure->is_pure &= expr->kind != IR_EXPR_UNKNOWN;
    pure->reads_memory |=
        expr->kind == IR_EXPR_INDEX ||
        (expr->kind == IR_EXPR_DEREF &&
         ir_type_strip(unit, expr->type)->kind != IR_TYPE_RECORD);
    if (ir_expr_has_first(expr))
        reads_gather(pure, unit, expr->a);
    if (ir_expr_has_second(expr))
        reads_gather(pure, unit, expr->b);
}

/* A local of its own, or a part of one. */
static bool is_own(const struct ir_unit *unit, ir_id place)
{
    const struct ir_expr *expr = &unit->exprs.items[place];

    while (expr->kind == IR_EXPR_FIELD || expr->kind == IR_EXPR_INDEX)
        expr = &unit->exprs.items[expr->a];
    return expr->kind == IR_EXPR_VAR;
}

/* `REQUIRE(is_valid(zone))`: it ends the program, or does nothing. */
static bool is_assertion(const struct callee *callee, const struct ir_op *op)
{
    if (callee->meaning)
        return callee->meaning->is_noreturn;
    if (callee->body)
        return callee->body->summary.never_returns;
    if (callee->is_indirect || !callee->name)
        return false;
    if (strcasestr(callee->name, "assert"))
        return true;
    for (const char *at = callee->name; *at; at++)
        if (islower((unsigned char)*at))
            return false;
    return op->flags & IR_OP_UNUSED;
}

static void body_gather(const struct flow *flow, struct pure *pure,
                        const struct fn *fn, int depth);

static void call_gather(const struct flow *flow, struct pure *pure,
                        const struct fn *fn, const struct ir_op *op, int depth)
{
    struct callee callee = callee_find(flow->program, fn, op);

    if (is_assertion(&callee, op))
        return;
    pure->is_pure = callee.body && !callee.meaning && !callee.is_indirect;
    for (uint32_t i = 0; i < op->args.count; i++)
        reads_gather(pure, fn->unit, ir_list_at(fn->unit, op->args, i));
    if (pure->is_pure)
        body_gather(flow, pure, callee.body, depth + 1);
}

static void body_gather(const struct flow *flow, struct pure *pure,
                        const struct fn *fn, int depth)
{
    const struct ir_unit *unit = fn->unit;

    if (depth > DEEPEST_CALLEE || fn->ir->op_count > MOST_OPS ||
        fn->ir->flags & IR_FN_NOT_ANALYSED)
        pure->is_pure = false;
    for (uint32_t i = 0; pure->is_pure && i < fn->ir->op_count; i++) {
        const struct ir_op *op = &unit->ops.items[fn->ir->first_op + i];

        if (op->kind == IR_ASM || op->kind == IR_INDIRECT ||
            (op->kind == IR_ASSIGN && !is_own(unit, op->a))) {
            pure->is_pure = false;
        } else if (op->kind == IR_CALL) {
            call_gather(flow, pure, fn, op, depth);
        } else {
            reads_gather(pure, unit, ir_op_value(op));
        }
    }
}

static const struct pure *pure_of(struct flow *flow, const struct fn *fn)
{
    struct pure *pure;

    if (!flow->pures)
        flow->pures = arena_alloc(flow->arena, sizeof(*flow->pures));
    for (uint32_t i = 0; i < flow->pures->known.count; i++)
        if (flow->pures->known.items[i]->fn == fn)
            return flow->pures->known.items[i];
    pure = arena_alloc(flow->arena, sizeof(*pure));
    *pure = (struct pure){.fn = fn, .is_pure = true};
    body_gather(flow, pure, fn, 0);
    vec_add(flow->arena, &flow->pures->known, pure);
    return pure;
}

/* What has a body, takes few arguments, and has its answer looked at. */
static bool may_ask(const struct flow *flow, uint32_t at)
{
    const struct site *site = &flow->sites[at];
    const struct ir_op *op =
        &flow->fn->unit->ops.items[flow->fn->ir->first_op + at];

    return op->kind == IR_CALL && site->callee.body && !site->callee.meaning &&
           !site->callee.body->summary.returns && !site->callee.is_covered &&
           !(op->flags & IR_OP_UNUSED) && site->args.count <= MOST_ARGS &&
           site->callee.body->ir->op_count <= MOST_OPS;
}

static bool may_be_asked(const struct fn *fn, const struct callee_site *site)
{
    const struct ir_op *op = &fn->unit->ops.items[site->op];

    return op->kind == IR_CALL && site->callee.body && !site->callee.meaning &&
           !(op->flags & IR_OP_UNUSED) && op->args.count <= MOST_ARGS &&
           site->callee.body->ir->op_count <= MOST_OPS;
}

bool pure_may_be(const struct fn *fn)
{
    const struct callee_table *table = fn->callees;

    for (uint32_t i = 0; i < table->items.count; i++)
        for (uint32_t k = i + 1;
             may_be_asked(fn, &table->items.items[i]) && k < table->items.count;
             k++)
            if (table->items.items[k].callee.body ==
                    table->items.items[i].callee.body &&
                may_be_asked(fn, &table->items.items[k]))
                return true;
    return false;
}

void pure_find(struct flow *flow)
{
    const struct callee_table *table = flow->fn->callees;
    ir_id first = flow->fn->ir->first_op;

    for (uint32_t i = 0; i < table->items.count; i++) {
        uint32_t at = table->items.items[i].op - first;
        const struct pure *pure;

        if (!may_ask(flow, at) || flow->sites[at].pure)
            continue;
        for (uint32_t k = i + 1; k < table->items.count; k++) {
            uint32_t other = table->items.items[k].op - first;

            if (flow->sites[other].callee.body != flow->sites[at].callee.body ||
                !may_ask(flow, other))
                continue;
            pure = pure_of(flow, flow->sites[at].callee.body);
            if (!pure->is_pure)
                break;
            flow->sites[at].pure = pure;
            flow->sites[other].pure = pure;
        }
    }
}

/* Where the answer is kept; 0: an argument is not known. The arguments are a
 * part of the place, so that it goes when they do. */
static node_id place_of(struct flow *flow, const struct state *state,
                        const struct site *site)
{
    struct asked asked = {.pure = site->pure};
    uint32_t at = 0;
    node_id place;

    for (uint32_t i = 0; i < site->args.count; i++) {
        asked.args[i] = eval_arg(flow, state, site, (int)i);
        if (!asked.args[i] || node_is_stale(&flow->values, asked.args[i]))
            return 0;
    }
    while (at < flow->pures->asked.count &&
           memcmp(&flow->pures->asked.items[at], &asked, sizeof(asked)) != 0)
        at++;
    if (at == flow->pures->asked.count)
        vec_add(flow->arena, &flow->pures->asked, asked);
    place = value_make(&flow->values, NODE_VAR, at | PURE_PLACE, 0);
    for (uint32_t i = 0; i < site->args.count; i++)
        place = value_make(&flow->values, NODE_INDEX, place, asked.args[i]);
    return place;
}

void pure_answer(const struct step *step)
{
    struct flow *flow = step->flow;
    node_id place;
    node_id known;
    const struct node *node;

    if (!step->site->pure)
        return;
    place = place_of(flow, step->state, step->site);
    known = place ? state_load(step->state, &flow->values, place) : 0;
    node = node_get(&flow->values, known);
    if (known && node->kind != VALUE_INIT &&
        !node_is_stale(&flow->values, known))
        state_store(step->state, &flow->values, flow->arena,
                    eval_temp(flow, step->op), known);
    else if (place)
        state_store(step->state, &flow->values, flow->arena, place,
                    step_result(step));
}

/* The question whose answer lies in a place, or NULL. */
static const struct pure *asked_at(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);
    uint32_t at;

    while (node->kind == NODE_INDEX)
        node = node_get(&flow->values, node->a);
    at = node->a & ~(uint32_t)PURE_PLACE;
    return node->kind == NODE_VAR && node->a & PURE_PLACE &&
                   at < flow->pures->asked.count
               ? flow->pures->asked.items[at].pure
               : NULL;
}

static bool writes(const struct pure *pure, const struct fn *fn, ir_id id)
{
    const struct ir_unit *unit = fn->unit;
    const struct ir_op *op = &unit->ops.items[id];
    const struct ir_expr *place = &unit->exprs.items[op->a];
    struct ir_named read;

    if (op->kind != IR_ASSIGN || place->kind == IR_EXPR_VAR)
        return false;
    while (place->kind == IR_EXPR_INDEX)
        place = &unit->exprs.items[place->a];
    return ir_named_of(unit, place, &read)
               ? ir_named_has(pure->reads, pure->read_count, read)
               : pure->reads_memory && place->kind == IR_EXPR_DEREF;
}

void pure_forget_store(struct flow *flow, struct state *state, ir_id op)
{
    for (uint32_t i = 0; flow->pures && i < state->store.count; i++) {
        const struct pure *pure = asked_at(flow, state->store.items[i].place);

        if (pure && writes(pure, flow->fn, op))
            state->store.items[i].value = 0;
    }
}

/* Whether a function is seen to write what is read; beyond those that are
 * looked at, none is. */
static bool body_writes(const struct flow *flow, const struct pure *pure,
                        const struct fn *fn, int depth, int *budget)
{
    if (--*budget < 0)
        return false;
    for (uint32_t i = 0; i < fn->ir->op_count; i++)
        if (writes(pure, fn, fn->ir->first_op + i))
            return true;
    for (uint32_t i = 0; depth < DEEPEST_CALLEE && i < fn->callees->items.count;
         i++) {
        const struct callee *callee = &fn->callees->items.items[i].callee;

        if (callee->body && !callee->meaning && callee->body != fn &&
            body_writes(flow, pure, callee->body, depth + 1, budget))
            return true;
    }
    return false;
}

void pure_forget_call(const struct step *step)
{
    struct flow *flow = step->flow;
    const struct callee *callee = &step->site->callee;

    if (!callee->body || callee->meaning || step->site->pure)
        return;
    for (uint32_t i = 0; flow->pures && i < step->state->store.count; i++) {
        struct stored *stored = &step->state->store.items[i];
        const struct pure *pure =
            stored->value ? asked_at(flow, stored->place) : NULL;
        int budget = MOST_LOOKED_AT;

        if (pure && body_writes(flow, pure, callee->body, 0, &budget))
            stored->value = 0;
    }
}
