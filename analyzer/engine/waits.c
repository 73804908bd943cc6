/*
 * Conditions on which a function waits, see waits.h. One holds if no op that
 * suspends can be reached without the edges on which it is true.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/waits.h"

enum {
    MOST_DECIDING = 16, /* parameters, as many as the masks have bits */
    MOST_NOTS = 8,      /* looked behind */
    MOST_BITS = 16,     /* questions for some bits, in one function */
};

enum { IF_NONZERO, IF_ZERO, IF_LAST };

struct condition {
    int kind;
    uint32_t param; /* but of IF_LAST */
    int64_t bits;   /* … these of it; 0: all */
};

/* One function that is asked. */
struct asked {
    struct flow *flow;
    uint32_t *block_of; /* by op: the block it is in */
    uint16_t kept;      /* parameters that keep their values */
    ir_id *only;        /* by variable: all that it ever is, or 0 */
};

/* The summary that a call's callee has, or NULL: it is not one body. */
static const struct waits *waits_of(const struct callee *callee)
{
    return !callee->meaning && callee->body && !callee->now.items.count
               ? &callee->body->summary.waits
               : NULL;
}

static bool is_argument(struct flow *flow, const struct state *state,
                        const struct site *site, uint16_t params, bool is_zero)
{
    for (uint32_t i = 0; params >> i; i++) {
        node_id value =
            params >> i & 1 ? eval_arg(flow, state, site, (int)i) : 0;
        struct fact fact;

        if (!value)
            continue;
        fact = state_fact(state, &flow->values, value);
        if (is_zero ? !fact.low && !fact.high : fact.low > 0 || fact.high < 0)
            return true;
    }
    return false;
}

static bool are_bits(struct flow *flow, const struct state *state,
                     const struct site *site, const struct waits *waits)
{
    struct values *values = &flow->values;
    node_id value =
        waits->bits ? eval_arg(flow, state, site, waits->bits_param) : 0;
    struct fact fact;

    if (!value)
        return false;
    fact = state_fact(state, values, value_bits(values, value, waits->bits));
    return waits->bits_are_clear ? fact_excludes(&fact, 0) : fact_is(&fact, 0);
}

bool waits_not(struct flow *flow, const struct state *state,
               const struct site *site)
{
    const struct callee *callee = &site->callee;
    const struct waits *waits = waits_of(callee);

    if (meaning_has(callee->meaning, EFFECT_REF_DROP))
        return !answer_can_be(callee->meaning->suspends);
    return waits && (waits->last || are_bits(flow, state, site, waits) ||
                     is_argument(flow, state, site, waits->nonzero, true) ||
                     is_argument(flow, state, site, waits->zero, false));
}

/* Which parameter of the function an expression is, or -1: none that keeps its
 * value. */
static int param_of(const struct asked *asked, ir_id expr)
{
    const struct fn *fn = asked->flow->fn;
    const struct ir_expr *found = &fn->unit->exprs.items[expr];
    uint32_t at = found->var - fn->ir->first_var;

    if (found->kind != IR_EXPR_VAR || at >= MOST_DECIDING ||
        !(asked->kept >> at & 1))
        return -1;
    return (int)at;
}

/* `a == 0`, and `a != 0`. */
static bool asks_zero(const struct ir_unit *unit, const struct ir_expr *expr)
{
    return expr->kind == IR_EXPR_BINARY &&
           (expr->operator== IR_EQ || expr->operator== IR_NE) &&
           unit->exprs.items[expr->b].kind == IR_EXPR_CONST &&
           !unit->exprs.items[expr->b].value;
}

/* What stands behind `!` and `== 0`, each of which turns `is_true` round, and
 * behind variables that are one thing only: `bool waits = !is_quick`. */
static ir_id nots_strip(const struct asked *asked, ir_id expr, bool *is_true)
{
    const struct fn *fn = asked->flow->fn;

    for (int i = 0; i < MOST_NOTS; i++) {
        const struct ir_expr *found = &fn->unit->exprs.items[expr];

        if (found->kind == IR_EXPR_UNARY && found->operator== IR_NOT) {
            expr = found->a;
            *is_true = !*is_true;
        } else if (asks_zero(fn->unit, found)) {
            expr = found->a;
            *is_true = *is_true == (found->operator== IR_NE);
        } else if (found->kind == IR_EXPR_VAR &&
                   asked->only[found->var - fn->ir->first_var]) {
            expr = asked->only[found->var - fn->ir->first_var];
        } else {
            break;
        }
    }
    return expr;
}

/* `flags & 4`: which bits of what. */
static int64_t bits_of(const struct ir_unit *unit, enum ir_operator operator,
                       ir_id * expr)
{
    const struct ir_expr *found = &unit->exprs.items[*expr];

    if (found->kind != IR_EXPR_BINARY ||
        found->operator!= operator|| unit->exprs.items[found->b].kind !=
        IR_EXPR_CONST)
        return 0;
    *expr = found->a;
    return unit->exprs.items[found->b].value;
}

/* What it means that the expression is true (or not); false: nothing here. */
static bool condition_read(const struct asked *asked, ir_id expr, bool is_true,
                           struct condition *condition)
{
    const struct flow *flow = asked->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *found;
    int64_t bits;
    int param;

    expr = nots_strip(asked, expr, &is_true);
    bits = bits_of(unit, IR_AND, &expr);
    found = &unit->exprs.items[expr];
    if (found->kind == IR_EXPR_TEMP) {
        *condition = (struct condition){.kind = IF_LAST};
        return is_true && !bits &&
               meaning_has(site_at(flow, found->op)->callee.meaning,
                           EFFECT_REF_DROP);
    }
    param = param_of(asked, expr);
    if (param < 0)
        return false;
    *condition = (struct condition){is_true ? IF_NONZERO : IF_ZERO,
                                    (uint32_t)param, bits};
    return true;
}

static bool edge_says(const struct asked *asked, const struct ir_block *block,
                      const struct ir_edge *edge, struct condition *condition)
{
    const struct ir_op *last = ir_block_end(asked->flow->fn->unit, block);

    return (edge->kind == IR_EDGE_TRUE || edge->kind == IR_EDGE_FALSE) &&
           last->a &&
           condition_read(asked, last->a, edge->kind == IR_EDGE_TRUE,
                          condition);
}

static bool condition_equal(const struct condition *one,
                            const struct condition *two)
{
    return one->kind == two->kind &&
           (one->kind == IF_LAST ||
            (one->param == two->param && one->bits == two->bits));
}

/* The same for bits, which may be handed on with others. */
static bool are_handed_on(const struct asked *asked, const struct ir_op *op,
                          const struct waits *waits,
                          const struct condition *condition)
{
    const struct ir_unit *unit = asked->flow->fn->unit;
    ir_id arg;

    if (waits->bits != condition->bits || waits->bits_param >= op->args.count ||
        waits->bits_are_clear != (condition->kind == IF_ZERO))
        return false;
    arg = ir_list_at(unit, op->args, waits->bits_param);
    return !(bits_of(unit, IR_OR, &arg) & condition->bits) &&
           param_of(asked, arg) == (int)condition->param;
}

/* Whether the call hands the parameter on, or whether it is 0, to one that it
 * decides for. */
static bool is_handed_on(const struct asked *asked, ir_id at,
                         const struct condition *condition)
{
    const struct flow *flow = asked->flow;
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    const struct waits *waits = waits_of(&site_at(flow, at)->callee);
    uint32_t count =
        op->args.count < MOST_DECIDING ? op->args.count : MOST_DECIDING;

    if (waits && condition->bits)
        return are_handed_on(asked, op, waits, condition);
    for (uint32_t i = 0; waits && condition->kind != IF_LAST && i < count;
         i++) {
        bool is_nonzero = condition->kind == IF_NONZERO;
        ir_id arg = nots_strip(asked, ir_list_at(flow->fn->unit, op->args, i),
                               &is_nonzero);

        if ((is_nonzero ? waits->nonzero : waits->zero) >> i & 1 &&
            param_of(asked, arg) == (int)condition->param)
            return true;
    }
    return false;
}

/* By block: whether something in it waits, whatever the condition is. */
static const bool *waiting_blocks(const struct asked *asked,
                                  const struct condition *condition)
{
    const struct flow *flow = asked->flow;
    const struct event_list *events = &flow->fn->events;
    bool *waits =
        arena_array(flow->arena, flow->fn->ir->block_count, sizeof(bool));

    for (uint32_t i = 0; i < events->items.count; i++) {
        const struct event *event = &events->items.items[i];

        if (event->kind == EVENT_SUSPEND &&
            !is_handed_on(asked, event->op, condition))
            waits[asked->block_of[event->op - flow->fn->ir->first_op]] = true;
    }
    return waits;
}

/* Whether the function waits only if the condition holds. */
static bool decides(const struct asked *asked,
                    const struct condition *condition)
{
    struct arena *arena = asked->flow->arena;
    const struct ir_unit *unit = asked->flow->fn->unit;
    const struct ir_fn *ir = asked->flow->fn->ir;
    const bool *waits = waiting_blocks(asked, condition);
    bool *is_seen = arena_array(arena, ir->block_count, sizeof(bool));
    VEC(uint32_t) queue = {0};

    vec_add(arena, &queue, 0);
    is_seen[0] = true;
    for (uint32_t i = 0; i < queue.count; i++) {
        const struct ir_block *block = ir_block(unit, ir, queue.items[i]);

        if (waits[queue.items[i]])
            return false;
        for (uint32_t k = 0; k < block->edge_count; k++) {
            const struct ir_edge *edge =
                &unit->edges.items[block->first_edge + k];
            uint32_t to = edge->block - ir->first_block;
            struct condition said;

            if (is_seen[to] || (edge_says(asked, block, edge, &said) &&
                                condition_equal(&said, condition)))
                continue;
            is_seen[to] = true;
            vec_add(arena, &queue, to);
        }
    }
    return true;
}

/* The first op that suspends, or 0. */
static ir_id suspends_first(const struct fn *fn)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == EVENT_SUSPEND)
            return fn->events.items.items[i].op;
    return 0;
}

static void bits_ask(const struct asked *asked,
                     const struct condition *condition)
{
    struct waits *waits = &asked->flow->fn->summary.waits;

    if (waits->bits || !decides(asked, condition))
        return;
    waits->bits = condition->bits;
    waits->bits_param = (uint8_t)condition->param;
    waits->bits_are_clear = condition->kind == IF_ZERO;
}

static void condition_ask(const struct asked *asked,
                          const struct condition *condition)
{
    struct waits *waits = &asked->flow->fn->summary.waits;
    uint16_t bit =
        (uint16_t)(condition->kind == IF_LAST ? 0 : 1u << condition->param);

    if ((condition->kind == IF_LAST && waits->last) ||
        (condition->kind == IF_ZERO && waits->zero & bit) ||
        (condition->kind == IF_NONZERO && waits->nonzero & bit) ||
        !decides(asked, condition))
        return;
    waits->last |= condition->kind == IF_LAST;
    waits->zero |= condition->kind == IF_ZERO ? bit : 0;
    waits->nonzero |= condition->kind == IF_NONZERO ? bit : 0;
}

/* What its branches ask, each question once. */
static void branches_ask(const struct asked *asked)
{
    const struct ir_unit *unit = asked->flow->fn->unit;
    const struct ir_fn *ir = asked->flow->fn->ir;
    bool is_asked[3][MOST_DECIDING] = {{false}};
    int bits_asked = 0;

    for (uint32_t at = 0; at < ir->block_count; at++) {
        const struct ir_block *block = ir_block(unit, ir, at);

        for (uint32_t k = 0; k < block->edge_count; k++) {
            struct condition said = {0};

            if (!edge_says(asked, block,
                           &unit->edges.items[block->first_edge + k], &said))
                continue;
            if (said.bits && bits_asked++ < MOST_BITS)
                bits_ask(asked, &said);
            if (said.bits || is_asked[said.kind][said.param])
                continue;
            is_asked[said.kind][said.param] = true;
            condition_ask(asked, &said);
        }
    }
}

/* What a callee asks of a parameter that is only handed on. */
static void handed_ask(const struct asked *asked, ir_id first)
{
    const struct waits *waits = waits_of(&site_at(asked->flow, first)->callee);

    for (uint32_t param = 0; waits && waits->bits && param < MOST_DECIDING;
         param++) {
        struct condition condition = {
            waits->bits_are_clear ? IF_ZERO : IF_NONZERO, param, waits->bits};

        if (asked->kept >> param & 1 && is_handed_on(asked, first, &condition))
            bits_ask(asked, &condition);
    }
    for (uint32_t param = 0; param < MOST_DECIDING; param++)
        for (int kind = IF_NONZERO; kind <= IF_ZERO; kind++) {
            struct condition condition = {kind, param, 0};

            if (asked->kept >> param & 1 &&
                is_handed_on(asked, first, &condition))
                condition_ask(asked, &condition);
        }
}

static uint16_t kept_params(const struct flow *flow)
{
    const struct fn *fn = flow->fn;
    uint16_t kept = 0;

    for (uint32_t i = 0; i < fn->ir->param_count && i < MOST_DECIDING; i++)
        kept |= (uint16_t)(flow->escapes[i] ? 0 : 1u << i);
    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];
        const struct ir_expr *to;

        if (op->kind != IR_ASSIGN)
            continue;
        to = &fn->unit->exprs.items[op->a];
        if (to->kind == IR_EXPR_VAR &&
            to->var - fn->ir->first_var < MOST_DECIDING)
            kept &= (uint16_t) ~(1u << (to->var - fn->ir->first_var));
    }
    return kept;
}

/* Variables that are set once, where they are made. */
static ir_id *only_find(const struct flow *flow)
{
    const struct fn *fn = flow->fn;
    ir_id *only = arena_array(flow->arena, fn->ir->var_count, sizeof(*only));
    bool *is_set = arena_array(flow->arena, fn->ir->var_count, sizeof(*is_set));

    for (uint32_t i = 0; i < fn->ir->op_count; i++) {
        const struct ir_op *op = &fn->unit->ops.items[fn->ir->first_op + i];
        const struct ir_expr *to = &fn->unit->exprs.items[op->a];
        uint32_t at = to->var - fn->ir->first_var;

        if (op->kind != IR_ASSIGN || to->kind != IR_EXPR_VAR ||
            at < fn->ir->param_count)
            continue;
        only[at] = is_set[at] || flow->escapes[at] ? 0 : op->b;
        is_set[at] = true;
    }
    return only;
}

void waits_summarise(struct flow *flow)
{
    const struct ir_fn *ir = flow->fn->ir;
    struct asked asked = {.flow = flow};
    ir_id first = suspends_first(flow->fn);

    if (!first)
        return;
    asked.kept = kept_params(flow);
    asked.only = only_find(flow);
    asked.block_of =
        arena_array(flow->arena, ir->op_count, sizeof(*asked.block_of));
    for (uint32_t at = 0; at < ir->block_count; at++) {
        const struct ir_block *block = ir_block(flow->fn->unit, ir, at);

        for (uint32_t i = 0; i < block->op_count; i++)
            asked.block_of[block->first_op + i - ir->first_op] = at;
    }
    branches_ask(&asked);
    handed_ask(&asked, first);
}
