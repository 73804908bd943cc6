/*
 * Lock classes: what happens under a lock anywhere in the program, over all
 * its instances. A class is named as lock_info.class is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CLASS_H
#define ASYNCLINT_ENGINE_CLASS_H

#include "engine/program.h"

/* An event under a lock of the class, as evidence; fn NULL: there is none. */
struct evidence {
    const struct fn *fn;
    const struct event *event;
    ir_id acquired;
};

struct class_info {
    const char *name;
    struct evidence suspends;        /* a task suspends while holding it */
    struct evidence blocks;          /* a thread blocks while holding it */
    struct evidence doubted;         /* … or may do so, see sure.h */
    struct evidence calls_unknown;   /* an unknown pointer is called under it */
    struct evidence loops;           /* a loop under it may never end */
    struct evidence kept;            /* a function returns with it held */
    struct evidence released_after;  /* … by who had it taken by a callee */
    struct evidence released_alone;  /* given back by who did not take it */
    struct evidence released_alive;  /* … and whom somebody may call */
    struct evidence released_openly; /* … who has not had it taken by a callee
                                        either, and can be called from other
                                        files */
    struct evidence writes;          /* taken by a writer, who waits for it */
    struct evidence waits;           /* given back by a wait, and taken again */
    struct evidence unsure;   /* under it, a call of which nothing is known */
    struct evidence more;     /* a section touches more than `datum` */
    struct evidence loads;    /* a section reads `datum` */
    struct evidence changes;  /* a section writes to `datum` */
    const char *datum;        /* the only thing that sections touch, or NULL */
    VEC(struct evidence) met; /* each suspension, each block under it */
    VEC(struct evidence) taken; /* every op that takes one */
    VEC(struct evidence) got;   /* … by a call that returns with it */
    VEC(struct evidence)
    alone;             /* … that gives back what is not held there, and
                                   that somebody may call */
    uint32_t contexts; /* in which it is taken */
};

struct class_table {
    struct arena *arena;
    VEC(struct class_info) classes;
    struct map by_name;
    struct map by_datum; /* the first class that guards it alone */
    bool is_whole;       /* the program has a main */
    struct map unknown;  /* fields of records that nothing is known of, whose
                            locks are given back by who did not take them */
};

/* Gathers the evidence of all events; call once they are all there. */
struct class_table *class_gather(const struct program *program,
                                 struct arena *arena);

/* NULL when no lock of that class is ever initialised, taken or released. */
const struct class_info *class_find(const struct class_table *table,
                                    const char *name);

/* Whether a lock that may be of the class is given back by who did not take
 * it: one in a field of that name, of a record that nothing is known of. */
bool class_is_given_unknown(const struct class_table *table, const char *name);

/* As people say it: without the file of a struct that a .c file keeps to
 * itself. */
const char *class_words(const char *class);

#endif
