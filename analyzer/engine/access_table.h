/*
 * Private to access*.c: the table of all that is used, and under which sets of
 * lock classes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ACCESS_TABLE_H
#define ASYNCLINT_ENGINE_ACCESS_TABLE_H

#include "engine/access.h"
#include "engine/sets.h"

#define PLACE_MASK 0x7fffffffu

enum { MOST_CLASSES = 16 }; /* held at once; more are not counted */

/* A use of a thing, or a call, with the locks held there. In its unit, the
 * thing is the field `place` / 2 or, if that is odd, the global. */
struct access {
    ir_id op;
    thing_id thing;
    set_id locks;
    uint32_t place : 31;
    uint32_t is_write : 1;
};

typedef VEC(struct access) access_list;

/* Of one function. */
struct uses {
    access_list items;
    access_list calls;
    set_id held_by_callers; /* by all of them */
    bool has_callers;
    bool is_settled;  /* held_by_callers is known, or getting smaller */
    bool is_told;     /* … and callees know what it is now */
    bool makes_locks; /* or destroys them */
};

/* One thing under locks of one class. */
struct guard_entry {
    struct guard_count count;
    const struct fn *last; /* the function counted last */
};

/* What the fields and symbols of one unit are; 0: not yet asked. */
struct unit_things {
    thing_id *fields;
    thing_id *globals;
};

struct access_table {
    struct arena *arena;
    struct unit_things *by_unit; /* NULL: nobody has asked yet */
    struct map by_name;
    VEC(struct thing) things;
    struct map classes; /* of locks, by name */
    struct sets sets;   /* of classes */
    uint32_t *all;      /* by thing: how often it is used */
    struct map guards;  /* (thing, class) → index into entries */
    VEC(struct guard_entry) entries;
};

#endif
