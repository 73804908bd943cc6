/*
 * Expressions of the IR in a state: which place they name, which value they
 * have, what follows when they are true.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/flow.h"
#include "engine/implied.h"
#include "engine/mode.h"

enum { TEMP_PLACE = 1 << 30 }; /* above all variables */

/* What a union holds as one of its members it holds as all of that type. */
static ir_id same_member(const struct ir_unit *unit, ir_id field)
{
    const struct ir_field *wanted = &unit->fields.items[field];
    const struct ir_record *record = &unit->records.items[wanted->record];

    for (ir_id at = record->first_field; record->is_union && at < field; at++)
        if (unit->fields.items[at].type == wanted->type)
            return at;
    return field;
}

node_id eval_place(struct flow *flow, const struct state *state, ir_id id)
{
    const struct ir_expr *expr = flow_expr(flow, id);
    struct values *values = &flow->values;

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_VAR:
        return value_make(values, NODE_VAR, expr->var, 0);
    case IR_EXPR_GLOBAL:
        return value_make(values, NODE_GLOBAL, expr->symbol, 0);
    case IR_EXPR_FIELD:
        return value_make(values, NODE_FIELD, eval_place(flow, state, expr->a),
                          same_member(flow->fn->unit, expr->field));
    case IR_EXPR_INDEX:
        return value_make(values, NODE_INDEX, eval_place(flow, state, expr->a),
                          eval_value(flow, state, expr->b));
    case IR_EXPR_DEREF:
        return place_at(values, eval_value(flow, state, expr->a));
    default:
        /* A field of what a call returned by value. */
        return place_at(values, eval_value(flow, state, id));
    }
}

static node_id unary(struct flow *flow, enum ir_operator operator, node_id a)
{
    struct values *values = &flow->values;

    switch (operator) {
    case IR_NOT:
        return value_oper(values, IR_EQ, a, value_const(values, 0));
    case IR_MINUS:
        return value_oper(values, IR_SUB, value_const(values, 0), a);
    default:
        return value_oper(values, IR_XOR, a, value_const(values, -1));
    }
}

/* Results that are known for what they are lie in a place of their own. */
node_id eval_temp(struct flow *flow, ir_id op)
{
    return value_make(&flow->values, NODE_VAR, op | TEMP_PLACE, 0);
}

static node_id temp_value(struct flow *flow, const struct state *state,
                          ir_id op)
{
    node_id place = eval_temp(flow, op);
    node_id known = state_load(state, &flow->values, place);
    const struct node *node = node_get(&flow->values, known);

    if (!known || (node->kind == VALUE_INIT && node->a == place))
        return value_make(&flow->values, VALUE_RESULT, site_result(flow, op),
                          0);
    return known;
}

/* A flat switch over the kinds. */
node_id eval_value(struct flow *flow, const struct state *state, ir_id id)
{
    const struct ir_expr *expr = flow_expr(flow, id);
    struct values *values = &flow->values;

    switch ((enum ir_expr_kind)expr->kind) {
    case IR_EXPR_NONE:
    case IR_EXPR_UNKNOWN:
        return 0;
    case IR_EXPR_CONST:
        return value_const(values, expr->value);
    case IR_EXPR_ZERO:
        return value_const(values, 0);
    case IR_EXPR_STRING:
        return value_make(values, VALUE_STRING, expr->text, 0);
    case IR_EXPR_FN:
        return value_make(values, VALUE_FN, expr->symbol, 0);
    case IR_EXPR_TEMP:
        return temp_value(flow, state, expr->op);
    case IR_EXPR_VAR:
    case IR_EXPR_GLOBAL:
    case IR_EXPR_FIELD:
    case IR_EXPR_DEREF:
    case IR_EXPR_INDEX:
        return state_load(state, values, eval_place(flow, state, id));
    case IR_EXPR_ADDR:
        return value_addr(values, eval_place(flow, state, expr->a));
    case IR_EXPR_UNARY:
        return unary(flow, expr->operator, eval_value(flow, state, expr->a));
    case IR_EXPR_BINARY:
        return value_oper(values, expr->operator,
                          eval_value(flow, state, expr->a),
                          eval_value(flow, state, expr->b));
    }
    return 0;
}

bool eval_is_truth(const struct values *values, node_id value)
{
    const struct node *node = node_get(values, value);

    return node->kind == VALUE_OPER &&
           (node->operator== IR_EQ || node->operator== IR_LT || node->operator==
            IR_XOR);
}

static bool assume_equal(struct flow *flow, struct state *state, node_id value,
                         int64_t number, bool is_true)
{
    if (eval_is_truth(&flow->values, value) && number == 0)
        return eval_assume(flow, state, value, !is_true);
    if (is_true)
        return state_assume_range(state, &flow->values, flow->arena, value,
                                  number, number);
    return state_assume_not(state, &flow->values, flow->arena, value, number);
}

static bool assume_less(struct flow *flow, struct state *state,
                        const struct node *node, bool is_true)
{
    struct values *values = &flow->values;
    struct fact left = state_fact(state, values, node->a);
    struct fact right = state_fact(state, values, node->b);
    node_id a = node->a;
    node_id b = node->b;

    if (is_true)
        return right.high > INT64_MIN && left.low < INT64_MAX &&
               state_assume_range(state, values, flow->arena, a, INT64_MIN,
                                  right.high - 1) &&
               state_assume_range(state, values, flow->arena, b, left.low + 1,
                                  INT64_MAX);
    return state_assume_range(state, values, flow->arena, a, right.low,
                              INT64_MAX) &&
           state_assume_range(state, values, flow->arena, b, INT64_MIN,
                              left.high);
}

/* a == b, a < b and b < a exclude each other. */
static bool is_excluded(struct flow *flow, const struct state *state,
                        node_id value)
{
    struct values *values = &flow->values;
    struct node node = *node_get(values, value);
    node_id others[] = {
        value_oper(values, IR_EQ, node.a, node.b),
        value_oper(values, IR_LT, node.a, node.b),
        value_oper(values, IR_LT, node.b, node.a),
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct fact fact = state_fact(state, values, others[i]);

        if (others[i] != value && fact_excludes(&fact, 0))
            return true;
    }
    return false;
}

bool eval_assume(struct flow *flow, struct state *state, node_id value,
                 bool is_true)
{
    struct values *values = &flow->values;
    struct node node = *node_get(values, value);
    int64_t number;
    bool can_be = true;

    if (!value || node_is_stale(values, value))
        return true;
    if (node.kind == VALUE_OPER && node.operator== IR_XOR &&
                                   eval_is_truth(values, node.a))
        return eval_assume(flow, state, node.a, !is_true);
    if (node.kind == VALUE_OPER && node.operator== IR_EQ) {
        if (value_is_const(values, node.b, &number))
            can_be = assume_equal(flow, state, node.a, number, is_true);
        else if (value_is_const(values, node.a, &number))
            can_be = assume_equal(flow, state, node.b, number, is_true);
    } else if (node.kind == VALUE_OPER && node.operator== IR_LT) {
        can_be = assume_less(flow, state, &node, is_true);
    } else if (node.kind == VALUE_PHI) {
        can_be = implied_assume(flow, state, &node, is_true);
    }
    if (!can_be ||
        (is_true && node_is_relation(&node) && is_excluded(flow, state, value)))
        return false;
    if (is_true)
        return state_assume_not(state, values, flow->arena, value, 0);
    return state_assume_range(state, values, flow->arena, value, 0, 0);
}

node_id eval_arg(struct flow *flow, const struct state *state,
                 const struct site *site, int arg)
{
    if (arg < 0 || (uint32_t)arg >= site->args.count)
        return 0;
    return eval_value(flow, state,
                      ir_list_at(flow->fn->unit, site->args, (uint32_t)arg));
}

static bool is_zero(struct flow *flow, const struct state *state, node_id value)
{
    struct fact fact = state_fact(state, &flow->values, value);

    return value && fact_is(&fact, 0);
}

/* The record that an argument points to, or 0. */
static ir_id record_of_arg(const struct flow *flow, const struct site *site,
                           int arg)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr =
        &unit->exprs.items[ir_list_at(unit, site->args, (uint32_t)arg)];

    return ir_type_record(unit, expr->kind == IR_EXPR_ADDR
                                    ? unit->exprs.items[expr->a].type
                                    : expr->type);
}

/* The whole place was zeroed and no part was changed since, or each of the
 * record's fields holds zero. */
static bool is_all_zero(struct flow *flow, const struct state *state,
                        ir_id record, node_id place)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_record *found = &unit->records.items[record];
    struct values *values = &flow->values;

    for (uint32_t i = 0; i < state->store.count; i++)
        if (state->store.items[i].place != place &&
            node_has(values, state->store.items[i].place, place) &&
            !is_zero(flow, state, state->store.items[i].value))
            return false;
    if (is_zero(flow, state, state_load(state, values, place)))
        return true;
    for (uint32_t i = 0; i < found->field_count; i++)
        if (!is_zero(flow, state,
                     state_load(state, values,
                                value_make(values, NODE_FIELD, place,
                                           found->first_field + i))))
            return false;
    return found->field_count > 0;
}

/* What a condition is about: the argument, or a field of what it points to. */
static node_id subject_of(struct flow *flow, const struct state *state,
                          const struct site *site,
                          const struct exemption *exemption)
{
    node_id value = eval_arg(flow, state, site, exemption->arg);
    node_id place;
    ir_id field;

    if (!value || !exemption->field)
        return value;
    field =
        ir_field_find(flow->fn->unit, record_of_arg(flow, site, exemption->arg),
                      exemption->field);
    if (!field)
        return 0;
    place = value_make(&flow->values, NODE_FIELD,
                       place_at(&flow->values, value), field);
    return state_load(state, &flow->values, place);
}

/* Bits that are not set in it, whatever else it is. */
static uint64_t zeros_of(const struct values *values, node_id value)
{
    const struct node *node = node_get(values, value);

    if (node->kind == VALUE_CONST)
        return ~(uint64_t)node->number;
    if (node->kind == VALUE_OPER && node->operator== IR_AND)
        return zeros_of(values, node->a) | zeros_of(values, node->b);
    if (node->kind == VALUE_OPER && node->operator== IR_OR)
        return zeros_of(values, node->a) & zeros_of(values, node->b);
    return 0;
}

static bool is_one_of(const struct exemption *exemption, int64_t number)
{
    for (int i = 0; i < exemption->other_count; i++)
        if (exemption->others[i] == number)
            return true;
    return exemption->value == number;
}

static bool is_none_of(const struct exemption *exemption,
                       const struct fact *fact)
{
    for (int i = 0; i < exemption->other_count; i++)
        if (!fact_excludes(fact, exemption->others[i]))
            return false;
    return fact_excludes(fact, exemption->value);
}

bool eval_exempt(struct flow *flow, const struct state *state,
                 const struct site *site, const struct exemption *exemption)
{
    node_id value = subject_of(flow, state, site, exemption);
    struct fact fact = state_fact(state, &flow->values, value);
    bool is_known = value && fact.low == fact.high;
    uint64_t flags = (uint64_t)exemption->value;
    uint64_t ones = is_known ? (uint64_t)fact.low : fact.ones;
    uint64_t zeros =
        is_known ? ~(uint64_t)fact.low : zeros_of(&flow->values, value);

    switch (exemption->kind) {
    case UNLESS_ARG_EQUALS:
        return is_known && is_one_of(exemption, fact.low);
    case UNLESS_ARG_DIFFERS:
        return value && is_none_of(exemption, &fact);
    case UNLESS_ARG_HAS_FLAG:
        return value && (ones & flags) == flags;
    case UNLESS_ARG_LACKS_FLAG:
        return value && (zeros & flags) == flags;
    case UNLESS_ARG_TO_ZERO:
        return value && is_all_zero(flow, state,
                                    record_of_arg(flow, site, exemption->arg),
                                    place_at(&flow->values, value));
    case UNLESS_FD_NONBLOCKING:
    case UNLESS_STREAM_IN_MEMORY:
        return mode_is_set(state, &flow->values, value);
    case UNLESS_UNIT_CALLS:
        return ir_unit_calls(flow->fn->unit, exemption->name);
    }
    return false;
}

bool eval_condition_fails(struct flow *flow, const struct state *state,
                          const struct site *site,
                          const struct exemption *condition)
{
    struct exemption opposite = *condition;

    switch (condition->kind) {
    case UNLESS_ARG_EQUALS:
        opposite.kind = UNLESS_ARG_DIFFERS;
        break;
    case UNLESS_ARG_DIFFERS:
        opposite.kind = UNLESS_ARG_EQUALS;
        break;
    case UNLESS_ARG_HAS_FLAG:
        opposite.kind = UNLESS_ARG_LACKS_FLAG;
        break;
    case UNLESS_ARG_LACKS_FLAG:
        opposite.kind = UNLESS_ARG_HAS_FLAG;
        break;
    case UNLESS_FD_NONBLOCKING:
    case UNLESS_STREAM_IN_MEMORY:
    case UNLESS_UNIT_CALLS:
        return !eval_exempt(flow, state, site, condition);
    case UNLESS_ARG_TO_ZERO:
        return false;
    }
    return eval_exempt(flow, state, site, &opposite);
}
