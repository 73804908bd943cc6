/*
 * The program: the units of a run, linked. Functions are looked up by their
 * linker name, so a call in one file finds its body in another; what several
 * units define alike (an inline function in a header) is one function.
 *
 * Built by link.c; callgraph.c, summary.c, context.c and lockset.c each add
 * what they find out. Read-only for everyone to the right of this room.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_PROGRAM_H
#define ASYNCLINT_ENGINE_PROGRAM_H

#include "base/arena.h"
#include "base/map.h"
#include "engine/effects.h"
#include "engine/event.h"
#include "engine/section.h"
#include "ir/ir.h"
#include "model/model.h"

enum { MOST_PARAMS = 16 }; /* of a function, that are looked at as callbacks */

/* Where a function runs: any of these. */
enum {
    CONTEXT_ASYNC = 1,  /* in a task, on an executor's thread */
    CONTEXT_SYNC = 2,   /* outside tasks */
    CONTEXT_THREAD = 4, /* on a thread of its own */
    CONTEXT_POOL = 8,   /* on a thread that may block */
};

/* What stops a thread, by what is to be done about it. */
enum stop_kind {
    STOP_CALL,   /* waits for the world: a disk, a peer, the time */
    STOP_THREAD, /* waits for another thread */
    STOP_COUNT,
};

/* The shortest way from a function to a call that stops the thread. */
struct stop {
    const struct event *event; /* the first step, a BLOCK; NULL: none leads
                                  there */
    const struct fn *next;     /* the function it leads to; NULL: the event is
                                  the call itself */
    uint32_t length : 31;      /* in steps behind the first */
    bool is_doubted : 1;       /* all ways have such a step, see sure.h */
};

struct stored_fn;

struct fn {
    uint32_t number;      /* its index in the program */
    uint32_t unit_number; /* of its unit in the program */
    const struct ir_unit *unit;
    const struct ir_fn *ir;
    const struct model_view *view;
    const struct ir_symbol *symbol;
    const char *name;
    const char *file;
    struct fn *same_name; /* an earlier definition of that name, or NULL */
    const struct pack *async_pack;  /* the pack that marks it async, or NULL */
    struct cfg *cfg;                /* made when it is first wanted */
    struct callee_table *callees;   /* see callee_solve */
    VEC(struct stored_fn) stores;   /* that it makes, see callee_solve */
    struct uses *uses;              /* see access.h */
    const struct call_edges *edges; /* see callgraph_solve */
    VEC(struct fn_group *) groups;  /* that it is in, see group.h */
    struct summary summary;
    uint8_t param_timings[MOST_PARAMS]; /* enum timing: when it runs them */
    struct given *given; /* by parameter, see given.h; NULL: it has none */
    uint32_t context;
    uint32_t own_context;  /* … by a marker, or because it is `main` */
    bool is_entry;         /* started as a task, thread or job */
    bool is_called;        /* by a function of the program */
    bool gets_recursive;   /* it is handed a lock that may be taken again */
    bool hands_recursive;  /* … and hands one on */
    bool is_sync_only;     /* marked: no task may call it */
    bool is_interruptible; /* a field's that interrupts may come over */
    bool is_doubted;       /* that it runs in a task is a guess: context.h */
    const struct atomic_start *atomic; /* it may not suspend; or NULL */
    const struct under_start *under;   /* it runs under a lock; or NULL */
    struct fn *context_from;           /* who calls it in a task, or NULL */
    ir_id context_from_op;             /* … and where */
    struct stop stops[STOP_COUNT];     /* filled by stop.c */
    const bool *at_last;               /* by op: see last.h; NULL: nothing is */
    bool *unreached;       /* by op: see ends.h; NULL: no call of it ends it */
    uint8_t returns_count; /* enum count, see last.h */
    const bool *offloaded; /* by op: a macro runs it on the pool; or NULL */
    struct event_list events; /* what happens in it, in op order */
    VEC(struct nesting) nestings;
    VEC(struct section) sections;
    bool is_bounded; /* what it holds is told less surely: too many states */
    uint8_t *seen_where; /* by op: bits of enum whereabouts; NULL: no tests */
    const char *trouble; /* why it is not analysed, or NULL */
};

struct fn_list {
    VEC(struct fn *) items;
    bool is_shared; /* by all who ask for the same pointer */
    bool is_handed; /* some were handed to a function that stores them: which
                       of them is there at a time, only its callers know */
    const char *outside; /* a function without a body that is stored there */
    bool has_others;     /* … and so is what nobody sees, or another such */
};

struct unit {
    const struct ir_unit *ir;
    const struct model_view *view;
    const char *path;
    struct field_table *fields; /* see field.c; made when first wanted */
    bool has_thread_locals;
};

struct program {
    struct arena *arena;
    const struct model *model;
    VEC(struct unit) units;
    VEC(struct fn *) fns;          /* in the order of units and of their text */
    struct fn **callees_first;     /* all of them, after those that they call
                                      (who call each other, together) */
    struct map pointers;           /* storage → index into targets */
    VEC(struct fn_list) targets;   /* functions stored there */
    VEC(struct fn_group *) groups; /* of these, and of what is in them */
    struct map group_numbers;      /* list → index into groups */
    VEC(struct fn *) unders;       /* functions that run under a lock */
    struct access_table *accesses; /* what is used under which locks */
    struct map recursive;          /* classes whose locks may be taken again */
    struct map by_usr;             /* linker name → index into fns */
    struct bodies *bodies;         /* what was looked up in it, see link.c */
    struct guesses *guesses;       /* locks by their names, see guess.h */
    struct written *written;       /* who writes what, see written.h */
};

/* False: it is in the list already. */
bool fn_list_add(struct arena *arena, struct fn_list *list, struct fn *fn);

/* Whether tasks begin in it: it is marked, or spawned; not only called. */
bool fn_begins_tasks(const struct fn *fn);
/* Whether the op stands in a body that a macro runs on the pool. */
bool fn_is_offloaded(const struct fn *fn, ir_id op);

/* Whether the event may happen in a task, or outside of all, given where the
 * function runs; and whether it is a SUSPEND that counts then. */
bool event_is_async(const struct fn *fn, const struct event *event);
bool event_is_sync(const struct fn *fn, const struct event *event);
bool event_suspends(const struct fn *fn, const struct event *event);

/* Links units, which must outlive the program. */
struct program *program_link(const struct ir_unit *const *units, size_t count,
                             struct model *model, struct arena *arena);

/* The body that a symbol of a unit stands for, or NULL: not in the tree. Of
 * several with that name, the unit's own, else the one in the nearest file. */
struct fn *program_fn_find(const struct program *program,
                           const struct ir_unit *unit, ir_id symbol);

/* … that an expression names; NULL: it names none, or there is no body. */
struct fn *program_fn_named(const struct program *program,
                            const struct ir_unit *unit, ir_id expr);

#endif
