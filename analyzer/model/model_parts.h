/*
 * Private to model/: what the model is made of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_MODEL_PARTS_H
#define ASYNCLINT_MODEL_MODEL_PARTS_H

#include <limits.h>

#include "base/map.h"
#include "base/vec.h"
#include "model/model.h"
#include "model/pack_read.h"

/* What one pack says about a name. Number 0 is not used: it ends chains. */
struct candidate {
    const char *name;
    const void *what;
    uint32_t pack;
    uint32_t older; /* the next one of the same name */
    char last;      /* of the name */
};

/* Whether a pattern may match what ends in `last`: most do not. */
static inline bool candidate_may_match(const struct candidate *candidate,
                                       char last)
{
    return candidate->last == last || candidate->last == '*';
}

/* The longest first, then the newest. */
struct patterns {
    VEC(uint32_t) items; /* numbers of candidates */
};

struct table {
    struct map names; /* without `*`, to the newest candidate */
    /* By the first letter, a bit for each length (beyond 63 they come again):
     * hardly any name that is looked up is one of them. NULL: there is none. */
    uint64_t *lengths;
    VEC(struct candidate) candidates;
    /* By the first letter of the names that they may match: most names are
     * looked up in vain, in tables with many patterns. NULL: it has none. */
    struct patterns *patterns;
};

/* Some of the tables. */
struct table_set {
    bool has[TABLE_COUNT];
};

/* A pack and where it counts. */
struct member {
    const struct pack *pack;
    bool is_everywhere;      /* it names no header */
    struct table_set tables; /* … in which it says anything */
};

struct model {
    struct arena *arena;
    struct table tables[TABLE_COUNT];
    VEC(struct member) members;
    struct map views_of; /* address of a unit → index into views */
    VEC(const struct model_view *) views;
};

struct model_view {
    const struct model *model;
    const bool *counts; /* by number of pack */
    /* In which one of these packs says anything: in most, none does. */
    struct table_set tables;
    const struct pack **packs;
    int pack_count;
    bool allows_local_calls; /* one of the packs does */
};

/* The patterns that may match a name with this first letter. */
static inline const struct patterns *table_patterns(const struct table *table,
                                                    char first)
{
    static const struct patterns none;

    return table->patterns ? &table->patterns[(unsigned char)first] : &none;
}

/* The newest candidate of exactly this name, or 0. */
uint32_t table_newest(const struct table *table, const char *name,
                      size_t length);

#endif
