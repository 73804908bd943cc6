/*
 * What an effect is about: from "arg0->mutex" in a pack to a place in memory,
 * and from that to the lock or guard among those that are held.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "engine/field.h"
#include "engine/flow.h"
#include "engine/info.h"
#include "engine/path.h"
#include "engine/used_as.h"

enum { DEEPEST_TYPE = 8 }; /* typedefs, arrays and pointers around a record */

static ir_id arg_type(const struct flow *flow, const struct site *site, int arg)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_expr *expr;

    if (arg < 0 || (uint32_t)arg >= site->args.count)
        return 0;
    expr = &unit->exprs.items[ir_list_at(unit, site->args, (uint32_t)arg)];
    return expr->kind == IR_EXPR_ADDR ? unit->exprs.items[expr->a].type
                                      : expr->type;
}

static ir_id result_type(const struct flow *flow, ir_id op)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_op *call = &unit->ops.items[op];
    ir_id symbol = call->kind == IR_CALL ? ir_call_symbol(unit, call) : 0;
    const struct ir_type *type =
        ir_type_strip(unit, unit->symbols.items[symbol].type);

    return type->kind == IR_TYPE_FUNCTION ? type->of : 0;
}

/* A type whose record no header shows has its own name; void has none. */
static const char *record_name(const struct ir_unit *unit, ir_id record,
                               ir_id type)
{
    const struct ir_type *found = ir_type_strip(unit, type);

    if (!record && found->kind == IR_TYPE_POINTER)
        found = &unit->types.items[found->of];
    if (!record && found->kind == IR_TYPE_TYPEDEF)
        return name_bare(ir_text(unit, found->name));
    return name_bare(ir_text(unit, unit->records.items[record].name));
}

static node_id fields_follow(struct flow *flow, const struct state *state,
                             node_id place, ir_id type,
                             const struct place *spec)
{
    const struct ir_unit *unit = flow->fn->unit;

    for (int i = 0; i < spec->field_count; i++) {
        ir_id record = ir_type_record(unit, type);
        ir_id field = ir_field_find(unit, record, spec->fields[i]);

        /* Its header is missing, or of another version. */
        if (!field)
            return path_hidden_field(flow, place,
                                     record_name(unit, record, type),
                                     spec->fields[spec->field_count - 1]);
        place = value_make(&flow->values, NODE_FIELD, place, field);
        type = unit->fields.items[field].type;
        if (ir_type_is_pointer(unit, type))
            place = place_at(&flow->values,
                             state_load(state, &flow->values, place));
    }
    return place;
}

bool place_is_hidden(const struct flow *flow, node_id place)
{
    const struct node *node = node_get(&flow->values, place);

    return node->kind == NODE_GLOBAL && node->a & HIDDEN;
}

node_id place_global(struct flow *flow, const char *name)
{
    ir_id symbol = field_global(flow->program, flow->fn, name);
    uint32_t at = 0;

    if (symbol)
        return value_make(&flow->values, NODE_GLOBAL, symbol, 0);
    while (at < flow->hidden.count && strcmp(flow->hidden.items[at], name) != 0)
        at++;
    if (at == flow->hidden.count)
        vec_add(flow->arena, &flow->hidden, name);
    return value_make(&flow->values, NODE_GLOBAL, at | HIDDEN, 0);
}

const char *place_global_name(const struct flow *flow, const struct node *node)
{
    const struct ir_unit *unit = flow->fn->unit;

    return node->a & HIDDEN ? flow->hidden.items[node->a & ~HIDDEN]
                            : ir_text(unit, unit->symbols.items[node->a].usr);
}

/* What is kept there has turned out to point to a lock. */
static bool leads_to_lock(struct flow *flow, const struct state *state,
                          node_id place)
{
    node_id lock =
        place_at(&flow->values, state_load(state, &flow->values, place));

    return held_find(flow, state, lock, "") >= 0 || fate_find(state, lock);
}

node_id place_object(struct flow *flow, const struct state *state,
                     const struct site *site, int arg)
{
    const struct ir_unit *unit = flow->fn->unit;
    const struct ir_type *type;
    const struct ir_expr *expr;
    node_id place;
    ir_id id;

    if (arg < 0 || (uint32_t)arg >= site->args.count)
        return 0;
    id = ir_list_at(unit, site->args, (uint32_t)arg);
    expr = &unit->exprs.items[id];
    if (expr->kind != IR_EXPR_FIELD && expr->kind != IR_EXPR_GLOBAL)
        return 0;
    type = &unit->types.items[expr->type];
    if (type->kind != IR_TYPE_INT &&
        !model_type_find(flow->fn->view, ir_text(unit, type->name)))
        return 0;
    place = eval_place(flow, state, id);
    return leads_to_lock(flow, state, place) ? 0 : place;
}

/* What is in the variable whose address is handed over; of other memory nobody
 * knows for long what is in it. */
static node_id written_in(struct flow *flow, const struct state *state,
                          node_id address)
{
    const struct node *node = node_get(&flow->values, address);

    if (node->kind != VALUE_ADDR ||
        node_get(&flow->values, node->a)->kind != NODE_VAR)
        return 0;
    return state_load(state, &flow->values, node->a);
}

node_id effect_place(struct flow *flow, const struct state *state,
                     const struct site *site, ir_id op,
                     const struct place *place)
{
    node_id value;

    switch (place->base) {
    case PLACE_ARG:
        value = place->field_count || place->is_written
                    ? 0
                    : place_object(flow, state, site, place->arg);
        if (value)
            return value;
        value = eval_arg(flow, state, site, place->arg);
        if (value && place->is_written)
            value = written_in(flow, state, value);
        if (!value)
            return 0;
        return fields_follow(flow, state, place_at(&flow->values, value),
                             arg_type(flow, site, place->arg), place);
    case PLACE_RESULT:
        value = value_make(&flow->values, VALUE_RESULT, op, 0);
        return fields_follow(flow, state, place_at(&flow->values, value),
                             result_type(flow, op), place);
    case PLACE_GLOBAL:
        return place_global(flow, place->global);
    default:
        return 0;
    }
}

node_id guard_place(struct flow *flow, const struct state *state,
                    const struct site *site, ir_id op,
                    const struct place *place)
{
    if (place->base == PLACE_RESULT)
        return value_make(&flow->values, VALUE_RESULT, op, 0);
    if (place->base == PLACE_SCOPE)
        return value_addr(&flow->values,
                          value_make(&flow->values, NODE_VAR, site->scope, 0));
    return effect_place(flow, state, site, op, place);
}

int guard_find(struct flow *flow, const struct state *state,
               const struct site *site, const struct place *place)
{
    node_id value = eval_arg(flow, state, site, place->arg);
    node_id inside =
        state_load(state, &flow->values, place_at(&flow->values, value));
    node_id place_itself = effect_place(flow, state, site, 0, place);

    for (uint32_t i = 0; value && i < state->held.count; i++) {
        node_id guard = state->held.items[i].guard;

        if (guard &&
            (guard == value || guard == inside || guard == place_itself))
            return (int)i;
    }
    return -1;
}

bool place_is_nowhere(const struct flow *flow, const struct state *state,
                      node_id place)
{
    const struct values *values = &flow->values;
    const struct node *node = node_get(values, place);
    struct fact fact;

    while (node->kind == NODE_FIELD)
        node = node_get(values, node->a);
    /* What a variable began with, a call may have replaced. */
    if (node->kind != NODE_MEMORY ||
        node_get(values, node->a)->kind == VALUE_CONST)
        return false;
    fact = state_fact(state, values, node->a);
    return fact_is(&fact, 0);
}

void place_assume_there(struct flow *flow, struct state *state, node_id place)
{
    const struct values *values = &flow->values;
    const struct node *node = node_get(values, place);

    while (node->kind == NODE_FIELD)
        node = node_get(values, node->a);
    if (node->kind == NODE_MEMORY && !node_is_stale(values, node->a))
        state_assume_not(state, values, flow->arena, node->a, 0);
}

/* What a value is but for a number that is added to it. */
static node_id offset_take(const struct values *values, node_id value,
                           int64_t *offset)
{
    const struct node *node = node_get(values, value);
    int64_t number;

    *offset = 0;
    if (value_is_const(values, value, offset))
        return 0;
    if (node->kind != VALUE_OPER ||
        (node->operator!= IR_ADD && node->operator!= IR_SUB) ||
        !value_is_const(values, node->b, &number))
        return value;
    *offset = node->operator== IR_ADD ? number : - number;
    return node->a;
}

/* Two indices that differ by a number. */
static bool index_apart(const struct values *values, node_id one, node_id two)
{
    int64_t first;
    int64_t second;

    return one && two &&
           offset_take(values, one, &first) ==
               offset_take(values, two, &second) &&
           !node_is_stale(values, one) && first != second;
}

/* Two parts of one object: fields that are not those of a union. */
static bool fields_apart(const struct flow *flow, const struct node *first,
                         const struct node *second)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id record;

    if (first->a != second->a || first->b == second->b ||
        (first->b | second->b) & HIDDEN)
        return false;
    record = unit->fields.items[first->b].record;
    return record == unit->fields.items[second->b].record &&
           !unit->records.items[record].is_union;
}

/* What a place is a part of, that many steps up. */
static const struct node *part_at(const struct values *values,
                                  const struct node *node, uint32_t up)
{
    while (up-- > 0)
        node = node_get(values, node->a);
    return node;
}

static uint32_t steps_of(const struct values *values, const struct node *node)
{
    uint32_t steps = 0;

    for (; node->kind == NODE_FIELD || node->kind == NODE_INDEX; steps++)
        node = node_get(values, node->a);
    return steps;
}

/* Whether their ways part at two fields of one object, whatever is behind. */
static bool ways_apart(const struct flow *flow, const struct node *one,
                       const struct node *two)
{
    const struct values *values = &flow->values;
    uint32_t first = steps_of(values, one);
    uint32_t second = steps_of(values, two);
    uint32_t common = first < second ? first : second;

    for (uint32_t i = 1; i <= common; i++) {
        const struct node *left = part_at(values, one, first - i);
        const struct node *right = part_at(values, two, second - i);

        if (left != right)
            return left->kind == NODE_FIELD && right->kind == NODE_FIELD &&
                   fields_apart(flow, left, right);
    }
    return false;
}

bool place_apart(const struct flow *flow, node_id one, node_id two)
{
    const struct values *values = &flow->values;
    const struct node *first = node_get(values, one);
    const struct node *second = node_get(values, two);

    if (ways_apart(flow, first, second))
        return true;
    if (first->kind != second->kind)
        return false;
    if (first->kind == NODE_GLOBAL)
        return one != two;
    if (first->kind == NODE_FIELD && first->b == second->b)
        return place_apart(flow, first->a, second->a);
    if (first->kind == NODE_MEMORY)
        return index_apart(values, first->a, second->a);
    if (first->kind != NODE_INDEX)
        return false;
    return first->a == second->a ? index_apart(values, first->b, second->b)
                                 : first->b == second->b &&
                                       place_apart(flow, first->a, second->a);
}

int held_find(struct flow *flow, const struct state *state, node_id lock,
              const char *class)
{
    int candidate = -1;
    int candidates = 0;
    bool is_sure = !node_is_stale(&flow->values, lock);

    for (uint32_t i = 0; i < state->held.count; i++)
        if (is_sure && state->held.items[i].lock == lock &&
            state->held.items[i].depth)
            return (int)i;
    /* A lock may be called by what it is the first part of. */
    for (uint32_t i = 0; is_sure && i < state->held.count; i++) {
        const struct node *node =
            node_get(&flow->values, state->held.items[i].lock);

        if (node->kind == NODE_FIELD && node->a == lock &&
            state->held.items[i].depth)
            return (int)i;
    }
    for (uint32_t i = 0; i < state->held.count; i++) {
        const struct held_lock *held = &state->held.items[i];
        const char *held_class = info_of(flow, held)->class;

        if (held->depth && held_class && name_same_class(held_class, class) &&
            !place_apart(flow, held->lock, lock)) {
            candidate = (int)i;
            candidates++;
        }
    }
    return candidates == 1 ? candidate : -1;
}

/* What no lock is, but whatever a missing header has: a number, or a record
 * that was made up. */
static bool is_made_up(const struct ir_unit *unit, const struct ir_type *type)
{
    return type->kind == IR_TYPE_INT ||
           (type->kind == IR_TYPE_RECORD &&
            strstr(ir_text(unit, unit->records.items[type->of].name),
                   "asynclint_"));
}

bool effect_settle(const struct flow *flow, const struct site *site,
                   struct effect *effect)
{
    const struct ir_unit *unit = flow->fn->unit;
    ir_id type = arg_type(flow, site, effect->on.arg);
    const struct type_meaning *meaning = NULL;

    if (!effect->kind_by_type)
        return true;
    for (int i = 0; i < DEEPEST_TYPE && type && !meaning; i++) {
        const struct ir_type *found = &unit->types.items[type];

        if (found->kind == IR_TYPE_TYPEDEF)
            meaning =
                model_type_find(flow->fn->view, ir_text(unit, found->name));
        else if (found->kind == IR_TYPE_RECORD)
            meaning = model_type_find(
                flow->fn->view,
                ir_text(unit, unit->records.items[found->of].name));
        if (!meaning && is_made_up(unit, found)) {
            effect->lock = used_as(flow, site, effect->on.arg);
            return true;
        }
        type = found->kind == IR_TYPE_RECORD ? 0 : found->of;
    }
    if (!meaning || !(meaning->traits & TYPE_LOCK))
        return false;
    effect->lock = meaning->lock;
    effect->is_recursive = meaning->is_recursive;
    return true;
}
