/*
 * Who calls whom, and who starts whom: the call graph for questions that walk
 * it in both directions. Calls are those that happen now; a start makes a task,
 * a thread or a job of a function. A call through a pointer is kept once, and
 * written out on the way: `struct call` is one function's call of another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CALLS_H
#define ASYNCLINT_ENGINE_CALLS_H

#include "engine/links.h"
#include "engine/program.h"

struct call {
    const struct fn *caller;
    const struct fn *callee;
    const struct event *event; /* if locks are of interest there, or NULL */
    ir_id op;
    uint32_t choices; /* so many may be called there, it or another */
    bool is_report;   /* of what happens, to whoever reads the log */
};

/* One place that calls a function, or all of a group but one. */
struct call_place {
    const struct fn *caller;
    const struct fn *body; /* the function; of a group: it is not meant */
    const struct event *event;
    ir_id op;
};

struct start {
    const struct fn *starter;
    const struct fn *entry;
    ir_id op;
    enum timing timing; /* TASK, THREAD, POOL, or LATER: a callback */
    bool is_bridge;     /* the caller waits until all of it has ended */
};

struct calls {
    const struct program *program;
    VEC(struct call_place) places; /* by caller, in the order of the text */
    struct links links;            /* where these lead to, by their number */
    VEC(struct start) starts;      /* as places */
    uint32_t *first_out; /* by function: its first place; one more at the end */
    uint32_t *first_start; /* by function: the first that it starts */
    bool has_main;         /* it is a program, and no library */
    bool *escapes;         /* by function: its address goes where nobody
                                knows who calls it */
    bool *reports;         /* by function: it is a log's, or a message's */
};

/* Who never comes back (it reports, and ends the program) has nobody wait for
 * the locks that are held meanwhile. */
static inline bool call_is_last(const struct call *call)
{
    return call->callee->summary.never_returns;
}

/* The HANDS_LOCK event at an op, or NULL: no lock is held or given back. */
const struct event *call_event(const struct fn *fn, ir_id op);

struct calls *calls_find(const struct program *program, struct arena *arena);

/* A walk over calls; `call` is good until the next one. */
struct call_walk {
    const struct calls *calls;
    struct call call;
    uint32_t place;          /* outwards: the next, … */
    uint32_t end;            /* … behind the last, … */
    uint32_t target;         /* … and how many of its functions have been */
    struct links_walk links; /* inwards */
};

struct call_walk calls_out(const struct calls *calls, const struct fn *fn);
struct call_walk calls_in(const struct calls *calls, const struct fn *fn);
/* The next call, at first the first; NULL: there is none. */
const struct call *calls_out_next(struct call_walk *walk);
const struct call *calls_in_next(struct call_walk *walk);

/* Goes on behind what else is called where the walk outwards is. */
static inline void calls_out_skip(struct call_walk *walk)
{
    walk->place++;
    walk->target = 0;
}

bool calls_lead_to(const struct calls *calls, const struct fn *fn);

#define FOR_EACH_CALL(way, calls, fn, item)                                    \
    for (struct call_walk item##_walk = way(calls, fn),                        \
                          *item##_more = &item##_walk;                         \
         item##_more; item##_more = NULL)                                      \
        for (const struct call *item; (item = way##_next(item##_more));)

/* `for_each_call(calls, fn, call)`: what a function calls. */
#define for_each_call(calls, fn, item) FOR_EACH_CALL(calls_out, calls, fn, item)
/* … and in it: goes on with its next call, behind others of the same op. */
#define skip_others(item) calls_out_skip(item##_more)
/* `for_each_call_of(calls, fn, call)`: who calls it. */
#define for_each_call_of(calls, fn, item)                                      \
    FOR_EACH_CALL(calls_in, calls, fn, item)

/* `for_each_start(calls, fn, start)`: what it starts. */
#define for_each_start(calls, fn, item)                                        \
    for (const struct start *item =                                            \
             (calls)->starts.items + (calls)->first_start[(fn)->number];       \
         item <                                                                \
         (calls)->starts.items + (calls)->first_start[(fn)->number + 1];       \
         item++)

#endif
