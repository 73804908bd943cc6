/*
 * Values and places of one function, by number: the same number is the same
 * thing. A place is a piece of memory (a variable, what a value points to, a
 * field of a place); a value is what a place held at some moment. Both are
 * trees, kept in one table and never twice, so that "is it the same lock" is
 * a comparison of two numbers.
 *
 * A value never changes; only what a place holds does (state.h). So facts
 * about values need no killing. What a loop makes again gets the same number
 * as in the round before: the older one is renamed to STALE first, which
 * equals nothing, itself included (the recency abstraction of Balakrishnan
 * and Reps, SAS 2006).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_VALUE_H
#define ASYNCLINT_ENGINE_VALUE_H

#include "base/arena.h"
#include "base/vec.h"
#include "ir/ir.h"

typedef uint32_t node_id; /* 0: not known; equals nothing, itself included */

enum node_kind {
    NODE_NONE,
    VALUE_CONST,  /* number */
    VALUE_STRING, /* a literal; `a` its text */
    VALUE_FN,     /* the function symbol `a` */
    VALUE_ADDR,   /* the address of place `a` */
    VALUE_INIT,   /* what place `a` held when the function began */
    VALUE_RESULT, /* what op `a` gave; `b` tells several apart */
    VALUE_PHI,    /* what place `b` holds where block `a` begins */
    VALUE_OPER,   /* `a` operator `b` */
    VALUE_STALE,  /* an `a` of an earlier round */
    NODE_VAR,     /* variable `a` */
    NODE_GLOBAL,  /* global symbol `a` */
    NODE_MEMORY,  /* where value `a` points */
    NODE_FIELD,   /* field `b` of place `a` */
    NODE_INDEX,   /* element (value `b`) of place `a` */
};

struct node {
    uint8_t kind;
    uint8_t operator;
    uint8_t depth;     /* how deep the tree below is, and how many operators */
    uint8_t operators; /* deep: both are bounded */
    node_id a;
    node_id b;
    bool is_stale; /* anything in it is */
    int64_t number;
};

struct values {
    struct arena *arena;
    VEC(struct node) nodes;
    /* For each node the numbers of all nodes in it, modulo 64: most questions
     * for a part are answered by one bit. */
    VEC(uint64_t) parts;
    /* Open addressing: a number, or 0. Not a map, because keys are nodes. */
    node_id *slots;
    uint32_t slot_count;
    bool has_modes; /* something was said of a file, see mode.h */
};

void values_init(struct values *values, struct arena *arena);

static inline const struct node *node_get(const struct values *values,
                                          node_id id)
{
    return &values->nodes.items[id];
}

/* `a == b` or `a < b`: what others are turned into. */
static inline bool node_is_relation(const struct node *node)
{
    return node->kind == VALUE_OPER &&
           (node->operator== IR_EQ || node->operator== IR_LT);
}

node_id value_const(struct values *values, int64_t number);
node_id value_make(struct values *values, enum node_kind kind, node_id a,
                   node_id b);
/* Folds constants; comparisons are kept as EQ and LT only, the others are
 * their negations (an XOR with 1) or mirror images. */
node_id value_oper(struct values *values, enum ir_operator operator, node_id a,
                   node_id b);
/* The address of a place, the place at an address: inverse to each other. */
node_id value_addr(struct values *values, node_id place);
node_id place_at(struct values *values, node_id pointer);

/* `value & mask`; the value itself, if the mask is 0. */
node_id value_bits(struct values *values, node_id value, int64_t mask);
/* What it is some bits of, and which; itself, and 0: all of it. */
node_id value_of_bits(const struct values *values, node_id value,
                      int64_t *mask);

bool value_is_const(const struct values *values, node_id value,
                    int64_t *number);

/* Where it is kept what is known of a file descriptor, a stream or attributes:
 * a place that no code can name, at the address that the value would be. */
node_id value_property(struct values *values, node_id value);
bool place_is_property(const struct values *values, node_id place);

/* The bit of a number in `parts`. */
static inline uint64_t part_bit(node_id id)
{
    return (uint64_t)1 << (id % 64);
}

/* Whether `part` occurs below `whole`: behind node_has. */
bool node_has_below(const struct values *values, node_id whole, node_id part);

/* Whether `part` occurs in `whole` (or is it). What a node is made of was made
 * before it, so its number is smaller. */
static inline bool node_has(const struct values *values, node_id whole,
                            node_id part)
{
    if (part >= whole)
        return part == whole;
    return values->parts.items[whole] & part_bit(part) &&
           node_has_below(values, whole, part);
}

/* Whether anything in it is STALE: then it does not equal itself. */
static inline bool node_is_stale(const struct values *values, node_id id)
{
    return node_get(values, id)->is_stale;
}

/* Whether others can write to the place while we call or suspend: memory, a
 * global; not a variable. */
bool place_is_shared(const struct values *values, node_id place);

/* `id` with `from` replaced by `to` everywhere. */
node_id node_rename(struct values *values, node_id id, node_id from,
                    node_id to);

#endif
