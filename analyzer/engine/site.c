/*
 * The sites of a function: its calls, and the macro expansions that a pack
 * makes count as calls. Independent of any state, so found once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/pure.h"

/* What a lock or guard macro works on, and which variable owns its lock: one
 * with a cleanup if the macro declares it, since that lives on when the body
 * of a hidden loop is not run at all; else the scope of the body. */
static void macro_site(struct flow *flow, ir_id begin)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_op *op = &unit->ops.items[begin];
    struct site *site = site_at(flow, begin);

    site->args = unit->macros.items[op->a].args;
    site->scope = unit->macros.items[op->a].scope;
    for (ir_id at = begin + 1; at < ir->first_op + ir->op_count; at++) {
        const struct ir_op *inner = &unit->ops.items[at];

        if (inner->kind == IR_MACRO_END && inner->a == op->a)
            break;
        if (inner->kind == IR_SCOPE_ENTER && inner->macro == op->a &&
            unit->vars.items[inner->a].cleanup) {
            site->scope = inner->a;
            break;
        }
    }
}

/* An acquisition by a macro that may fail is told by the value of the last
 * call in it: there the macro's meaning takes effect. */
static void macro_outcome_move(struct flow *flow, ir_id begin)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct ir_op *op = &unit->ops.items[begin];
    struct site *site = site_at(flow, begin);
    ir_id last = 0;
    bool may_fail = false;

    for (int i = 0; i < site->callee.meaning->effect_count; i++)
        may_fail |= site->callee.meaning->effects[i].outcome != OUTCOME_ALWAYS;
    for (ir_id at = begin + 1; may_fail && at < ir->first_op + ir->op_count;
         at++) {
        const struct ir_op *inner = &unit->ops.items[at];

        if (inner->kind == IR_MACRO_END && inner->a == op->a)
            break;
        if (inner->kind == IR_CALL && inner->macro)
            last = at;
    }
    if (!last)
        return;
    *site_at(flow, last) = *site;
    site_at(flow, last)->callee.is_call = true;
    site->callee = (struct callee){0};
}

bool site_is_steady(const struct site *site)
{
    const struct meaning *meaning = site->callee.meaning;

    return meaning && !site->args.count &&
           (meaning->has_same_result ||
            meaning->context_test != ANSWER_UNKNOWN);
}

ir_id site_result(const struct flow *flow, ir_id op)
{
    ir_id same = site_at(flow, op)->same;

    return same ? same : op;
}

/* `if (in_task()) lock; … if (in_task()) unlock;` asks one question. */
static void same_find(struct flow *flow, uint32_t at)
{
    struct site *site = &flow->sites[at];

    for (uint32_t i = 0; site_is_steady(site) && i < at; i++)
        if (site_is_steady(&flow->sites[i]) &&
            flow->sites[i].callee.meaning == site->callee.meaning) {
            site->same = flow->fn->ir->first_op + i;
            return;
        }
}

void site_find_all(struct flow *flow)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_fn *ir = flow->fn->ir;
    const struct callee_table *table = flow->fn->callees;

    flow->sites = arena_array(flow->arena, ir->op_count, sizeof(*flow->sites));
    flow->infos = arena_array(flow->arena, ir->op_count, sizeof(*flow->infos));
    for (uint32_t i = 0; i < ir->op_count; i++)
        flow->sites[i].args = unit->ops.items[ir->first_op + i].args;
    for (uint32_t i = 0; i < table->items.count; i++) {
        const struct callee_site *found = &table->items.items[i];

        site_at(flow, found->op)->callee = found->callee;
    }
    for (uint32_t i = 0; i < ir->op_count; i++)
        if (unit->ops.items[ir->first_op + i].kind == IR_MACRO_BEGIN &&
            flow->sites[i].callee.meaning) {
            macro_site(flow, ir->first_op + i);
            macro_outcome_move(flow, ir->first_op + i);
        }
    for (uint32_t i = 0; i < ir->op_count; i++)
        same_find(flow, i);
    pure_find(flow);
}
