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
};

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

/* A pack and where it counts. */
struct member {
    const struct pack *pack;
    const char **headers;
    uint32_t header_count;
};

/* Whoever uses such a name (it may have stars) is one of the pack's. */
struct member_name {
    const char *name;
    uint32_t member;
};

struct model {
    struct arena *arena;
    struct table tables[TABLE_COUNT];
    VEC(struct member) members;
    /* By the first letter, behind all letters those that begin with a star:
     * each name of each unit is looked up, and hardly any is found. */
    VEC(struct member_name) names[UCHAR_MAX + 2];
    /* Most units read the same headers: which packs are for a header is found
     * out once. By the header's path, an array as long as the members. */
    struct map headers;
    VEC(const bool *) found;
    uint32_t found_for; /* so many members */
};

struct model_view {
    const struct model *model;
    const bool *counts; /* by number of pack */
    const struct pack **packs;
    int pack_count;
    bool allows_local_calls; /* one of the packs does */
};

#endif
