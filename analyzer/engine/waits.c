/*
 * Conditions on which a function waits, see waits.h. One holds if no op that
 * suspends (or blocks) can be reached without the edges on which it is true.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/waits.h"

#include "engine/flag.h"
#include "engine/path.h"
#include "engine/waits_read.h"

enum { MOST_BITS = 16 }; /* questions for some bits, in one function */

static struct waits *waits_in(struct summary *summary, enum event_kind kind)
{
    return kind == EVENT_SUSPEND ? &summary->waits : &summary->halts;
}

/* The summary that a call's callee has, or NULL: it is not one body. */
static const struct waits *waits_of(const struct callee *callee,
                                    enum event_kind kind)
{
    return !callee->meaning && callee->body && !callee->now.items.count
               ? waits_in(&callee->body->summary, kind)
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

bool waits_not(const struct step *step, enum event_kind kind)
{
    const struct callee *callee = &step->site->callee;
    const struct waits *waits = waits_of(callee, kind);
    const struct state *state = step->state;
    struct flow *flow = step->flow;

    if (kind == EVENT_SUSPEND && meaning_has(callee->meaning, EFFECT_REF_DROP))
        return !answer_can_be(callee->meaning->suspends);
    return waits &&
           (waits->last || are_bits(flow, state, step->site, waits) ||
            is_argument(flow, state, step->site, waits->nonzero, true) ||
            is_argument(flow, state, step->site, waits->zero, false) ||
            flag_contradicts(step, state, &waits->flag));
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
    return !(waits_bits(unit, IR_OR, &arg) & condition->bits) &&
           waits_param(asked, arg) == (int)condition->param;
}

/* The field of ours that a callee asks for, or NULL. */
static const struct path *field_handed(const struct asked *asked, ir_id at,
                                       const struct flag *flag)
{
    struct flow *flow = asked->flow;
    node_id value = flag->wanted ? path_place(flow, asked->entry,
                                              site_at(flow, at), flag->path)
                                 : 0;

    return value ? path_of_value(flow, value, flow->arena) : NULL;
}

static bool is_field_handed_on(const struct asked *asked, ir_id at,
                               const struct waits *waits,
                               const struct condition *condition)
{
    const struct path *field = field_handed(asked, at, &waits->flag);

    return field && waits->flag.mask == condition->bits &&
           (waits->flag.wanted == FLAG_SET) ==
               (condition->kind == IF_NONZERO) &&
           path_equal(field, condition->field);
}

/* Whether the call hands the parameter on, or whether it is 0, to one that it
 * decides for. */
static bool is_handed_on(const struct asked *asked, ir_id at,
                         const struct condition *condition)
{
    const struct flow *flow = asked->flow;
    const struct ir_op *op = &flow->fn->unit->ops.items[at];
    const struct waits *waits =
        waits_of(&site_at(flow, at)->callee, asked->kind);
    uint32_t count =
        op->args.count < MOST_DECIDING ? op->args.count : MOST_DECIDING;

    if (waits && condition->field)
        return is_field_handed_on(asked, at, waits, condition);
    if (waits && condition->bits)
        return are_handed_on(asked, op, waits, condition);
    for (uint32_t i = 0; waits && condition->kind != IF_LAST && i < count;
         i++) {
        bool is_nonzero = condition->kind == IF_NONZERO;
        ir_id arg = waits_strip(asked, ir_list_at(flow->fn->unit, op->args, i),
                                &is_nonzero);

        if ((is_nonzero ? waits->nonzero : waits->zero) >> i & 1 &&
            waits_param(asked, arg) == (int)condition->param)
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

        if (event->kind == asked->kind &&
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

            if (is_seen[to] || (waits_edge_says(asked, block, edge, &said) &&
                                waits_is_same(&said, condition)))
                continue;
            is_seen[to] = true;
            vec_add(arena, &queue, to);
        }
    }
    return true;
}

/* The first op that waits, or 0. */
static ir_id waits_first(const struct fn *fn, enum event_kind kind)
{
    for (uint32_t i = 0; i < fn->events.items.count; i++)
        if (fn->events.items.items[i].kind == kind)
            return fn->events.items.items[i].op;
    return 0;
}

static void field_ask(const struct asked *asked,
                      const struct condition *condition)
{
    struct flag *flag = &asked->waits->flag;

    if (flag->wanted || !decides(asked, condition))
        return;
    flag->wanted = condition->kind == IF_NONZERO ? FLAG_SET : FLAG_CLEAR;
    flag->path = path_copy(condition->field, asked->flow->program->arena);
    flag->mask = condition->bits;
    flag->memory = condition->memory;
}

static void bits_ask(const struct asked *asked,
                     const struct condition *condition)
{
    struct waits *waits = asked->waits;

    if (waits->bits || !decides(asked, condition))
        return;
    waits->bits = condition->bits;
    waits->bits_param = (uint8_t)condition->param;
    waits->bits_are_clear = condition->kind == IF_ZERO;
}

static void condition_ask(const struct asked *asked,
                          const struct condition *condition)
{
    struct waits *waits = asked->waits;
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

            if (!waits_edge_says(asked, block,
                                 &unit->edges.items[block->first_edge + k],
                                 &said))
                continue;
            if (said.field && bits_asked++ < MOST_BITS)
                field_ask(asked, &said);
            else if (said.bits && bits_asked++ < MOST_BITS)
                bits_ask(asked, &said);
            if (said.field || said.bits || is_asked[said.kind][said.param])
                continue;
            is_asked[said.kind][said.param] = true;
            condition_ask(asked, &said);
        }
    }
}

/* What a callee asks of a parameter that is only handed on. */
static void handed_ask(const struct asked *asked, ir_id first)
{
    const struct waits *waits =
        waits_of(&site_at(asked->flow, first)->callee, asked->kind);
    struct condition kept = {0};

    if (waits && waits->flag.wanted &&
        waits_keeps_field(asked, field_handed(asked, first, &waits->flag),
                          &kept)) {
        kept.kind = waits->flag.wanted == FLAG_SET ? IF_NONZERO : IF_ZERO;
        kept.bits = waits->flag.mask;
        field_ask(asked, &kept);
    }
    for (uint32_t param = 0; waits && waits->bits && param < MOST_DECIDING;
         param++) {
        struct condition condition = {
            .kind = waits->bits_are_clear ? IF_ZERO : IF_NONZERO,
            .param = param,
            .bits = waits->bits};

        if (asked->kept >> param & 1 && is_handed_on(asked, first, &condition))
            bits_ask(asked, &condition);
    }
    for (uint32_t param = 0; param < MOST_DECIDING; param++)
        for (enum wait_condition kind = IF_NONZERO; kind <= IF_ZERO; kind++) {
            struct condition condition = {.kind = kind, .param = param};

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

static void kind_summarise(struct asked *asked, enum event_kind kind)
{
    ir_id first = waits_first(asked->flow->fn, kind);

    if (!first)
        return;
    asked->kind = kind;
    asked->waits = waits_in(&asked->flow->fn->summary, kind);
    branches_ask(asked);
    handed_ask(asked, first);
}

void waits_summarise(struct flow *flow)
{
    const struct ir_fn *ir = flow->fn->ir;
    struct asked asked = {.flow = flow};

    if (!waits_first(flow->fn, EVENT_SUSPEND) &&
        !waits_first(flow->fn, EVENT_BLOCK))
        return;
    asked.kept = kept_params(flow);
    asked.only = only_find(flow);
    asked.entry = arena_alloc(flow->arena, sizeof(*asked.entry));
    asked.block_of =
        arena_array(flow->arena, ir->op_count, sizeof(*asked.block_of));
    for (uint32_t at = 0; at < ir->block_count; at++) {
        const struct ir_block *block = ir_block(flow->fn->unit, ir, at);

        for (uint32_t i = 0; i < block->op_count; i++)
            asked.block_of[block->first_op + i - ir->first_op] = at;
    }
    kind_summarise(&asked, EVENT_SUSPEND);
    kind_summarise(&asked, EVENT_BLOCK);
}
