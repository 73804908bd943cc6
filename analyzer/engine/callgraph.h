/*
 * The call graph: which functions of the program each function has run, when
 * and where: by a call, through a pointer, as a callback before the call
 * returns or after it, as a task, on a thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CALLGRAPH_H
#define ASYNCLINT_ENGINE_CALLGRAPH_H

#include "engine/links.h"
#include "engine/program.h"

/* One for each function that a call names, and one for all that a pointer may
 * hold: a table of many functions that is called in many places must not cost
 * their product. */
struct call_edge {
    struct fn *const *to; /* `count` of them, at least one */
    uint32_t count;
    struct fn_group *group; /* … as one, if other edges share them; or NULL */
    ir_id op;               /* the call */
    enum timing timing;     /* when it runs; NOW: before the call returns */
    bool by_pointer;        /* to one of those that the pointer may hold */
    bool is_handed;   /* … by way of parameters: which, only callers know */
    bool by_callback; /* it is an argument of the call */
    bool is_opaque;   /* a pack says what the call means, not the body */
};

struct call_edges {
    VEC(struct call_edge) items;
};

/* Fills `edges` of every function, asking `callees`; and the program's
 * `callees_first`. */
void callgraph_solve(struct program *program);

/* The edge is followed by those who ask what happens inside the call. */
static inline bool edge_is_now(const struct call_edge *edge)
{
    return edge->timing == TIMING_NOW && !edge->is_opaque;
}

/* An edge as its callee sees it. */
struct caller {
    struct fn *fn;
    const struct call_edge *edge;
};

/* All edges once more, by the function that they lead to. */
struct callers {
    VEC(struct caller) items; /* by number of the link */
    struct links links;
};

struct callers *callgraph_callers(const struct program *program,
                                  struct arena *arena);

/* The next caller, at first the first; NULL: there is none. */
static inline const struct caller *caller_next(const struct callers *callers,
                                               struct links_walk *walk)
{
    return links_next(walk) ? &callers->items.items[walk->number] : NULL;
}

/* `for_each_caller(callers, fn, caller)`, in the order of the program. */
#define for_each_caller(callers, fn, item)                                     \
    for (struct links_walk                                                     \
             item##_walk = links_walk(&(callers)->links, fn, NULL),            \
             *item##_more = &item##_walk;                                      \
         item##_more; item##_more = NULL)                                      \
        for (const struct caller *item;                                        \
             (item = caller_next(callers, item##_more));)

#endif
