/*
 * From sources to units, the first half of the program: by parsing them in
 * worker processes, by looking them up in the cache, or by reading facts that
 * another process wrote. Whoever made them, units come in the order of their
 * main files' names, so that what is printed is the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_UNITS_H
#define ASYNCLINT_UNITS_H

#include "base/jobs.h"
#include "input/source.h"
#include "ir/ir.h"

struct cache;

/* A source, when the answer that the cache has was told. */
struct source_before {
    bool is_same; /* all that its unit is made from is what it was */
    struct digest surroundings; /* see surroundings.h */
    struct digest meaning;      /* of its unit */
};

struct units {
    struct arena *arena;
    const struct args *args;
    const char *root; /* the current directory: absolute and real */
    VEC(const struct ir_unit *) items;
    uint32_t file_count;   /* with those that could not be analysed */
    uint32_t not_analysed; /* troubles: units, or parts of them */
    struct cache *cache;   /* or NULL; opened and closed by whoever has it */
    const struct source_before *before; /* by source; NULL: the cache has no
                                           answer */
    VEC(const char *) told;             /* what units_note was given */
    struct jobs_leaving workers;        /* that are on their way out */
};

/* One line on stderr unless --quiet. */
void units_note(struct units *units, const char *text);

/* What else there is to do, while workers parse. */
struct meanwhile {
    void (*start)(void *context);
    /* From then on, for each unit when it is there. */
    void (*look)(void *context, const struct ir_unit *unit);
    void *context;
};

/* Fills in `items` of a list that has the first three fields. Units that
 * can't be parsed are told and counted; false when there are none left.
 * `meanwhile` is started if there is anything to parse. */
bool units_parse(struct units *units, const struct source_list *sources,
                 const struct meanwhile *meanwhile, struct err *err);

/* Behind all others: waits for the workers. */
void units_finish(struct units *units);

/* The same from the facts files that the arguments name. */
bool units_load(struct units *units, struct err *err);

#endif
