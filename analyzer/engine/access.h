/*
 * Which fields and globals are used under which locks. What a lock guards is
 * said by an annotation, or inferred from what most uses do, as in Engler,
 * Chen, Hallem, Chou, Chelf: "Bugs as Deviant Behavior" (SOSP 2001): if a
 * field is used under a lock nearly everywhere, that is what the lock is for.
 *
 * A thing is a field of a record or a global, known by name in all units; 0 is
 * none. Uses are gathered in the last sweep over each function, with the
 * locks held by every path; what all callers hold is added at the end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ACCESS_H
#define ASYNCLINT_ENGINE_ACCESS_H

#include "engine/flow.h"

typedef uint32_t thing_id;

struct thing {
    const char *name;       /* `cache.head`: as the class of a lock is named */
    struct ir_list said;    /* words in its declaration, from a marker on */
    struct ir_list pointee; /* … which say so of what it points to */
    const struct ir_unit *unit; /* of those words */
};

struct access_table *access_table_new(struct arena *arena);

thing_id access_field(const struct flow *flow, ir_id field);
thing_id access_global(const struct flow *flow, ir_id symbol);
const struct thing *access_thing(const struct program *program, thing_id thing);

/* Writes down what the op uses, in one of the states that get there. */
void access_record(struct flow *flow, const struct state *state, ir_id op);

/* How a thing is used under locks of one class, in the whole program. */
struct guard_count {
    uint32_t all;       /* uses */
    uint32_t held;      /* … with the lock held */
    uint32_t written;   /* … that change it, with the lock held */
    uint32_t functions; /* … in so many functions */
};

/* After all functions are solved. */
void access_finish(struct program *program);
struct guard_count access_count(const struct program *program, thing_id thing,
                                const char *class);
/* An annotation of the thing names the lock, as what guards it or what it
 * points to. */
bool access_is_said(const struct program *program, thing_id thing,
                    const char *class);

#endif
