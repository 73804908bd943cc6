/*
 * What branches ask of parameters, see waits_read.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/waits_read.h"

#include "engine/path.h"
#include "engine/written.h"

enum { MOST_NOTS = 8 }; /* looked behind */

int waits_param(const struct asked *asked, ir_id expr)
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

ir_id waits_strip(const struct asked *asked, ir_id expr, bool *is_true)
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

int64_t waits_bits(const struct ir_unit *unit, enum ir_operator operator,
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

bool waits_keeps_field(const struct asked *asked, const struct path *path,
                       struct condition *condition)
{
    struct flow *flow = asked->flow;

    if (!path || path->param < 0 || path->param >= MOST_DECIDING ||
        !path->step_count || !(asked->kept >> path->param & 1))
        return false;
    condition->param = (uint32_t)path->param;
    condition->field = path;
    condition->memory = written_name(flow->program, path, flow->arena);
    return condition->memory &&
           !written_in(flow->program, condition->memory, flow->fn);
}

/* What it means that the expression is true (or not); false: nothing here. */
static bool condition_read(const struct asked *asked, ir_id expr, bool is_true,
                           struct condition *condition)
{
    struct flow *flow = asked->flow;
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *found;
    int64_t bits;
    int param;

    expr = waits_strip(asked, expr, &is_true);
    bits = waits_bits(unit, IR_AND, &expr);
    found = &unit->exprs.items[expr];
    if (found->kind == IR_EXPR_TEMP) {
        *condition = (struct condition){.kind = IF_LAST};
        return is_true && !bits && asked->kind == EVENT_SUSPEND &&
               meaning_has(site_at(flow, found->op)->callee.meaning,
                           EFFECT_REF_DROP);
    }
    param = waits_param(asked, expr);
    *condition = (struct condition){.kind = is_true ? IF_NONZERO : IF_ZERO,
                                    .param = (uint32_t)param,
                                    .bits = bits};
    if (found->kind == IR_EXPR_FIELD)
        return waits_keeps_field(
            asked,
            path_of_value(flow, eval_value(flow, asked->entry, expr),
                          flow->arena),
            condition);
    return param >= 0;
}

bool waits_edge_says(const struct asked *asked, const struct ir_block *block,
                     const struct ir_edge *edge, struct condition *condition)
{
    const struct ir_op *last = ir_block_end(asked->flow->fn->unit, block);

    return (edge->kind == IR_EDGE_TRUE || edge->kind == IR_EDGE_FALSE) &&
           last->a &&
           condition_read(asked, last->a, edge->kind == IR_EDGE_TRUE,
                          condition);
}

bool waits_is_same(const struct condition *one, const struct condition *two)
{
    return one->kind == two->kind &&
           (one->kind == IF_LAST ||
            (one->param == two->param && one->bits == two->bits &&
             (one->field && two->field ? path_equal(one->field, two->field)
                                       : one->field == two->field)));
}
