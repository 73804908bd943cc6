/*
 * Hash-consed values and places, see value.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "engine/value.h"

enum {
    /* Trees share parts, so walking one costs up to 2 to the number of nested
     * operators; hashes computed in loops nest without end. */
    DEEPEST_OPERATORS = 6,
    /* A chain of pointers this long is a list being walked. */
    DEEPEST_CHAIN = 48,
    FIRST_SLOTS = 64, /* a power of two */
};

/* Which of a node's operands are nodes themselves. */
static bool has_nodes(const struct node *node, bool *first, bool *second)
{
    const uint32_t firsts = 1u << VALUE_ADDR | 1u << VALUE_INIT |
                            1u << VALUE_OPER | 1u << VALUE_STALE |
                            1u << NODE_MEMORY | 1u << NODE_FIELD |
                            1u << NODE_INDEX;
    const uint32_t seconds =
        1u << VALUE_OPER | 1u << NODE_INDEX | 1u << VALUE_PHI;

    *first = firsts >> node->kind & 1;
    *second = seconds >> node->kind & 1;
    return *first || *second;
}

static void depth_count(const struct values *values, struct node *node,
                        node_id operand)
{
    const struct node *below = node_get(values, operand);

    if (below->depth >= node->depth)
        node->depth = (uint8_t)(below->depth + 1);
    if (below->operators > node->operators)
        node->operators = below->operators;
    node->is_stale |= below->is_stale;
}

static uint32_t node_hash(const struct node *node)
{
    /* Odd numbers without a pattern (of the golden ratio, and of pi). */
    const uint64_t spread = 0x9E3779B97F4A7C15;
    const uint64_t other = 0x243F6A8885A308D3;
    uint64_t hash = ((uint64_t)node->a << 32 | node->b) * spread;

    hash ^= (uint64_t)node->number +
            ((uint64_t)node->kind << 8 | (uint64_t)node->operator);
    hash = (hash ^ hash >> 32) * other;
    return (uint32_t)(hash >> 32);
}

/* The rest follows from the operands. */
static bool node_is(const struct node *one, const struct node *two)
{
    return one->kind == two->kind && one->operator== two->operator&&
                                     one->a == two->a && one->b == two->b &&
                                     one->number == two->number;
}

static node_id *slot_find(const struct values *values, const struct node *node)
{
    uint32_t mask = values->slot_count - 1;
    uint32_t at = node_hash(node) & mask;

    while (values->slots[at] &&
           !node_is(node_get(values, values->slots[at]), node))
        at = (at + 1) & mask;
    return &values->slots[at];
}

/* At most half of them are taken. */
static void slots_grow(struct values *values)
{
    values->slot_count *= 2;
    values->slots =
        arena_array(values->arena, values->slot_count, sizeof(*values->slots));
    for (node_id id = 1; id < values->nodes.count; id++)
        *slot_find(values, node_get(values, id)) = id;
}

/* False: it is too deep to be told apart from others. */
static bool node_settle(const struct values *values, struct node *node,
                        bool first, bool second)
{
    node->depth = 0;
    node->operators = 0;
    node->is_stale = node->kind == VALUE_STALE;
    if (first)
        depth_count(values, node, node->a);
    if (second)
        depth_count(values, node, node->b);
    if (node->kind == VALUE_OPER || node->kind == NODE_INDEX)
        node->operators++;
    return node->depth <= DEEPEST_CHAIN && node->operators <= DEEPEST_OPERATORS;
}

static node_id node_add(struct values *values, struct node node)
{
    node_id *slot = slot_find(values, &node);
    bool first;
    bool second;

    if (*slot)
        return *slot;
    has_nodes(&node, &first, &second);
    if (!node_settle(values, &node, first, second))
        return 0;
    if (values->nodes.count >= values->slot_count / 2) {
        slots_grow(values);
        slot = slot_find(values, &node);
    }
    *slot = values->nodes.count;
    vec_add(values->arena, &values->nodes, node);
    vec_add(values->arena, &values->parts,
            part_bit(values->nodes.count - 1) |
                (first ? values->parts.items[node.a] : 0) |
                (second ? values->parts.items[node.b] : 0));
    return values->nodes.count - 1;
}

void values_init(struct values *values, struct arena *arena)
{
    *values = (struct values){.arena = arena, .slot_count = FIRST_SLOTS};
    values->slots =
        arena_array(arena, values->slot_count, sizeof(*values->slots));
    values->nodes.capacity = values->parts.capacity = FIRST_SLOTS / 2;
    values->nodes.items = arena_array(arena, values->nodes.capacity,
                                      sizeof(*values->nodes.items));
    values->parts.items = arena_array(arena, values->parts.capacity,
                                      sizeof(*values->parts.items));
    vec_add(arena, &values->nodes, (struct node){.is_stale = true});
    vec_add(arena, &values->parts, 0);
}

node_id value_const(struct values *values, int64_t number)
{
    return node_add(values,
                    (struct node){.kind = VALUE_CONST, .number = number});
}

node_id value_make(struct values *values, enum node_kind kind, node_id a,
                   node_id b)
{
    struct node node = {.kind = (uint8_t)kind, .a = a, .b = b};

    /* Twice stale is stale. */
    if (kind == VALUE_STALE && node_get(values, a)->kind == VALUE_STALE)
        return a;
    return node_add(values, node);
}

bool value_is_const(const struct values *values, node_id value, int64_t *number)
{
    const struct node *node = node_get(values, value);

    *number = node->number;
    return node->kind == VALUE_CONST;
}

static node_id negation(struct values *values, node_id truth)
{
    const struct node *node = node_get(values, truth);
    int64_t number;

    if (!truth)
        return 0;
    if (value_is_const(values, truth, &number))
        return value_const(values, !number);
    if (node->kind == VALUE_OPER && node->operator== IR_XOR)
        return node->a;
    return node_add(values, (struct node){
                                .kind = VALUE_OPER,
                                .operator= IR_XOR,
                                .a = truth,
                                .b = value_const(values, 1),
                            });
}

static node_id oper_add(struct values *values, enum ir_operator operator,
                        node_id a, node_id b)
{
    struct node node = {.kind = VALUE_OPER, .a = a, .b = b};
    int64_t left;
    int64_t right;
    int64_t result;

    if (!a || !b)
        return 0;

    node.operator=(uint8_t) operator;
    if (value_is_const(values, a, &left) && value_is_const(values, b, &right) &&
        ir_operator_fold(operator, left, right, &result))
        return value_const(values, result);
    return node_add(values, node);
}

/* `(flags | OTHER) & FLAG` is `flags & FLAG`. */
static node_id bits_add(struct values *values, node_id value, node_id bits)
{
    const struct node *node = node_get(values, value);
    int64_t mask;
    int64_t other;

    while (value_is_const(values, bits, &mask) && node->kind == VALUE_OPER &&
           (node->operator== IR_OR || node->operator== IR_AND) &&
           value_is_const(values, node->b, &other)) {
        if (node->operator== IR_AND)
            bits = value_const(values, mask & other);
        else if ((mask & other) == mask)
            return bits;
        else if (mask & other)
            break;
        value = node_get(values, value)->a;
        node = node_get(values, value);
    }
    return value_is_const(values, bits, &mask) && !mask
               ? bits
               : oper_add(values, IR_AND, value, bits);
}

node_id value_oper(struct values *values, enum ir_operator operator, node_id a,
                   node_id b)
{
    switch (operator) {
    case IR_NE:
        return negation(values, value_oper(values, IR_EQ, a, b));
    case IR_GE:
        return negation(values, oper_add(values, IR_LT, a, b));
    case IR_GT:
        return oper_add(values, IR_LT, b, a);
    case IR_LE:
        return negation(values, oper_add(values, IR_LT, b, a));
    case IR_EQ:
        /* One spelling of a == b. */
        if (a == b && !node_is_stale(values, a))
            return value_const(values, 1);
        return a <= b ? oper_add(values, IR_EQ, a, b)
                      : oper_add(values, IR_EQ, b, a);
    case IR_AND:
        return bits_add(values, a, b);
    default:
        return oper_add(values, operator, a, b);
    }
}

node_id value_bits(struct values *values, node_id value, int64_t mask)
{
    return mask ? value_oper(values, IR_AND, value, value_const(values, mask))
                : value;
}

node_id value_of_bits(const struct values *values, node_id value, int64_t *mask)
{
    const struct node *node = node_get(values, value);

    if (node->kind == VALUE_OPER &&
        node->operator== IR_AND && value_is_const(values, node->b, mask) &&
        *mask)
        return node->a;
    *mask = 0;
    return value;
}

node_id value_addr(struct values *values, node_id place)
{
    const struct node *node = node_get(values, place);

    return node->kind == NODE_MEMORY ? node->a
                                     : value_make(values, VALUE_ADDR, place, 0);
}

node_id place_at(struct values *values, node_id pointer)
{
    const struct node *node = node_get(values, pointer);

    return node->kind == VALUE_ADDR
               ? node->a
               : value_make(values, NODE_MEMORY, pointer, 0);
}

bool node_has_below(const struct values *values, node_id whole, node_id part)
{
    const struct node *node = node_get(values, whole);
    bool first;
    bool second;

    if (!has_nodes(node, &first, &second))
        return false;
    return (first && node_has(values, node->a, part)) ||
           (second && node_has(values, node->b, part));
}

bool place_is_shared(const struct values *values, node_id place)
{
    const struct node *node = node_get(values, place);

    while (node->kind == NODE_FIELD || node->kind == NODE_INDEX)
        node = node_get(values, node->a);
    return node->kind != NODE_VAR;
}

node_id value_property(struct values *values, node_id value)
{
    return value_make(values, NODE_INDEX, place_at(values, value),
                      value_const(values, INT64_MIN));
}

bool place_is_property(const struct values *values, node_id place)
{
    const struct node *node = node_get(values, place);
    int64_t number;

    return node->kind == NODE_INDEX &&
           value_is_const(values, node->b, &number) && number == INT64_MIN;
}

node_id node_rename(struct values *values, node_id id, node_id from, node_id to)
{
    struct node node = *node_get(values, id);
    node_id a;
    node_id b;
    bool first;
    bool second;

    if (id == from)
        return to;
    if (!has_nodes(&node, &first, &second))
        return id;
    a = first ? node_rename(values, node.a, from, to) : node.a;
    b = second ? node_rename(values, node.b, from, to) : node.b;
    if (a == node.a && b == node.b)
        return id;
    if (node.kind == NODE_MEMORY)
        return place_at(values, a);
    if (node.kind == VALUE_ADDR)
        return value_addr(values, a);
    if (node.kind == VALUE_OPER && node.operator== IR_EQ && a> b) {
        node.a = b;
        node.b = a;
    } else {
        node.a = a;
        node.b = b;
    }
    return node_add(values, node);
}
