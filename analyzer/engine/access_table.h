/*
 * Private to access*.c: numbered sets of lock classes, and the table of all
 * that is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ACCESS_TABLE_H
#define ASYNCLINT_ENGINE_ACCESS_TABLE_H

#include "engine/access.h"

enum { MOST_CLASSES = 16 }; /* held at once; more are not counted */

struct lock_set {
    uint32_t count;
    uint32_t classes[MOST_CLASSES]; /* sorted */
};

/* Number 0 is the empty set. */
struct lock_sets {
    struct map numbers;
    VEC(struct lock_set) items;
};

void lock_sets_init(struct lock_sets *sets, struct arena *arena);
void lock_set_add(struct lock_set *set, uint32_t class);
bool lock_set_has(const struct lock_set *set, uint32_t class);
uint32_t lock_set_number(struct lock_sets *sets, const struct lock_set *set);
uint32_t lock_sets_common(struct lock_sets *sets, uint32_t one, uint32_t two);
uint32_t lock_sets_union(struct lock_sets *sets, uint32_t one, uint32_t two);

/* A use of a thing, or a call, with the locks held there. */
struct access {
    ir_id op;
    thing_id thing;
    uint32_t locks; /* number of a set */
    bool is_write;
};

typedef VEC(struct access) access_list;

/* Of one function. */
struct uses {
    access_list items;
    access_list calls;
    uint32_t held_by_callers; /* number of the set that all of them hold */
    bool has_callers;
    bool is_settled;  /* held_by_callers is known, or getting smaller */
    bool makes_locks; /* or destroys them */
};

/* One thing under locks of one class. */
struct guard_entry {
    struct guard_count count;
    const struct fn *last; /* the function counted last */
};

struct access_table {
    struct arena *arena;
    struct map numbers; /* (unit, field or symbol) → thing */
    struct map by_name;
    VEC(struct thing) things;
    struct map classes; /* of locks, by name */
    struct lock_sets sets;
    uint32_t *all;     /* by thing: how often it is used */
    struct map guards; /* (thing, class) → index into entries */
    VEC(struct guard_entry) entries;
};

#endif
