/*
 * Links that lead to functions, such as calls, seen from the functions. A link
 * leads to one function or to a whole group, and is kept once in either case;
 * those of one function come in the order in which all were added.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_LINKS_H
#define ASYNCLINT_ENGINE_LINKS_H

#include "engine/group.h"

struct link_end {
    const struct fn *fn; /* or NULL: … */
    const struct fn_group *group;
};

struct links {
    VEC(struct link_end) ends; /* by number of the link */
    uint32_t *first;           /* by slot: a function, or behind them a group */
    uint32_t *sorted;          /* numbers of links, by slot */
    uint32_t fn_count;
};

/* All links are added, then sorted once. */
void links_add(struct links *links, struct arena *arena, const struct fn *fn,
               const struct fn_group *group);
void links_sort(struct links *links, const struct program *program,
                struct arena *arena);

/* A walk over the links that lead to one function. */
struct links_walk {
    const struct links *links;
    const struct fn *fn;
    const bool *skips;  /* groups that are left out, by number; or NULL */
    uint32_t number;    /* where the walk is */
    uint32_t slot_next; /* the next of the same slot, in `sorted` */
    uint32_t slot_end;
    uint32_t others; /* the least number that another slot has in store */
};

/* Goes to the next one, at first to the first; false: there is none. */
struct links_walk links_walk(const struct links *links, const struct fn *fn,
                             const bool *skips);
bool links_next(struct links_walk *walk);

#endif
