/*
 * Who calls whom, and who starts whom: the call graph written out, for
 * questions that walk it in both directions. Calls are those that happen now;
 * a start makes a task, a thread or a job of a function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_CALLS_H
#define ASYNCLINT_ENGINE_CALLS_H

#include "engine/program.h"

struct call {
    const struct fn *caller;
    const struct fn *callee;
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
    VEC(struct call) items;   /* by caller, in the order of the text */
    VEC(struct start) starts; /* likewise */
    uint32_t *first_out;      /* by function: its first call in items; one more
                                at the end */
    uint32_t *first_in;       /* … in `in`, likewise */
    uint32_t *in;             /* calls, by callee */
    uint32_t *first_start;    /* by function: the first that it starts */
    bool has_main;            /* it is a program, and no library */
    bool *escapes;            /* by function: its address goes where nobody
                                knows who calls it */
};

struct calls *calls_find(const struct program *program, struct arena *arena);

/* `for_each_call(calls, fn, call)`: what a function calls. */
#define for_each_call(calls, fn, item)                                         \
    for (const struct call *item =                                             \
             (calls)->items.items + (calls)->first_out[(fn)->number];          \
         item < (calls)->items.items + (calls)->first_out[(fn)->number + 1];   \
         item++)

/* `for_each_start(calls, fn, start)`: what it starts. */
#define for_each_start(calls, fn, item)                                        \
    for (const struct start *item =                                            \
             (calls)->starts.items + (calls)->first_start[(fn)->number];       \
         item <                                                                \
         (calls)->starts.items + (calls)->first_start[(fn)->number + 1];       \
         item++)

#endif
