/*
 * Private to engine/: one function under analysis. eval.c reads expressions in
 * a state, effect.c applies what calls mean, lockset.c drives both over the
 * control-flow graph until nothing changes, and once more for the events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_FLOW_H
#define ASYNCLINT_ENGINE_FLOW_H

#include "engine/callee.h"
#include "engine/cfg.h"
#include "engine/name.h"
#include "engine/program.h"
#include "engine/state.h"

/* A call, or a macro expansion that counts as one, with what it works on. */
struct site {
    struct callee callee;
    struct ir_list args;
    ir_id scope; /* of a guard macro: the variable that owns the lock */
    ir_id same;  /* an earlier call that has the same result, or 0 */
    const struct pure *pure; /* asked more than once: see pure.h; or NULL */
};

/* One lock was taken while the other was held. */
struct taken_pair {
    ir_id acquired; /* took the outer one */
    node_id outer, inner;
};

struct flow {
    struct program *program;
    struct fn *fn;
    struct arena *arena; /* dies with the function's analysis */
    struct values values;
    struct site *sites;      /* by op, counted from the function's first */
    struct lock_info *infos; /* of the lock that an op takes, likewise */
    VEC(struct further_info *) further_infos; /* … and of more, see info.c */
    uint8_t slot;             /* which of its locks the op that runs works on */
    VEC(const char *) hidden; /* globals of packs, see place_global */
    VEC(struct path_step) hidden_fields; /* of records not defined here */
    struct pures *pures;                 /* see pure.h; NULL: none */
    VEC(struct exit_state) exits;        /* gathered in the last sweep */
    uint32_t *newest_event;       /* by op, counting from 1: see record.c */
    VEC(uint32_t) earlier_events; /* … the one before each, likewise */
    uint32_t *first_use;          /* by op, counting from 1: see access.c */
    uint32_t *first_call;
    struct asked *asked;   /* see asked.c */
    struct doubts *doubts; /* see question.c */
    uint32_t *meets;       /* by op, see ignored.c */
    node_id error_place;   /* errno, once it is asked for */
    bool spawns;           /* it starts tasks */
    bool follows_threads;  /* something in it belongs to a thread */
    bool *escapes;         /* by variable: others may know its address */
    VEC(struct taken_pair) pairs;
    bool alternates;        /* … of which some are taken either way round */
    bool knows_order;       /* these two are settled: */
    bool compares;          /* it asks which of two comes first */
    bool tells_apart;       /* … or whether the two are one */
    struct only_if only_if; /* noted so far; param -1: several */
    bool returns;           /* somewhere */
    bool knows_owner;       /* this is settled: */
    bool asks_owner;        /* it asks whether a mutex's owner has died */
    bool is_recording;      /* the last sweep: events are written down */
};

static inline const struct ir_expr *flow_expr(const struct flow *flow, ir_id id)
{
    return &flow->fn->unit->exprs.items[id];
}

/* The call, or the macro, at an op of the function. */
static inline struct site *site_at(const struct flow *flow, ir_id op)
{
    return &flow->sites[op - flow->fn->ir->first_op];
}

/* Marks a global or a field that the unit has no symbol for. */
#define HIDDEN 0x80000000u

/* A call writes VALUE_RESULT number WRITTEN_ARGS + i through argument `i`. */
enum { WRITTEN_ARGS = 2 };

/* ---- eval.c */
node_id eval_value(struct flow *flow, const struct state *state, ir_id expr);
node_id eval_place(struct flow *flow, const struct state *state, ir_id expr);
/* The place of a call's result that is something known. */
node_id eval_temp(struct flow *flow, ir_id op);
/* Whether it is 1 or 0 by what it compares: more may be known of that. */
bool eval_is_truth(const struct values *values, node_id value);
/* Assumes that the value is not zero (or is); false: that can't be. */
bool eval_assume(struct flow *flow, struct state *state, node_id value,
                 bool is_true);
/* The value of an argument of a site, 0 when there is none. */
node_id eval_arg(struct flow *flow, const struct state *state,
                 const struct site *site, int arg);
/* The condition is met for sure; not met for sure; else neither. */
bool eval_exempt(struct flow *flow, const struct state *state,
                 const struct site *site, const struct exemption *exemption);
bool eval_condition_fails(struct flow *flow, const struct state *state,
                          const struct site *site,
                          const struct exemption *condition);

/* ---- site.c */
void site_find_all(struct flow *flow);
/* The op whose result this one's is: its own, or an earlier equal one's. */
ir_id site_result(const struct flow *flow, ir_id op);
bool site_is_steady(const struct site *site);

/* ---- place.c: what an effect is about */
/* The global of that linker name, a HIDDEN one if the unit declares none. */
node_id place_global(struct flow *flow, const char *name);
bool place_is_hidden(const struct flow *flow, node_id place);
/* The linker name of a NODE_GLOBAL. */
const char *place_global_name(const struct flow *flow, const struct node *node);
node_id effect_place(struct flow *flow, const struct state *state,
                     const struct site *site, ir_id op,
                     const struct place *place);
/* Whether it is part of what a pointer leads to that turned out to be null. */
bool place_is_nowhere(const struct flow *flow, const struct state *state,
                      node_id place);
/* An argument that is the object itself, not its address, since a macro takes
 * it so; or 0. The value of what is no pointer leads nowhere; but what a
 * typedef hides may be a handle, unless a pack knows it. */
node_id place_object(struct flow *flow, const struct state *state,
                     const struct site *site, int arg);
/* A lock is part of something, and a pointer to that is not null. */
void place_assume_there(struct flow *flow, struct state *state, node_id place);
/* The guard's own place, and the value that stands for the guard. */
node_id guard_place(struct flow *flow, const struct state *state,
                    const struct site *site, ir_id op,
                    const struct place *place);
/* The held lock that the guard owns, or -1. */
int guard_find(struct flow *flow, const struct state *state,
               const struct site *site, const struct place *place);
/* Two places that can't be one: elements at a distance that is a number, the
 * same field of two globals. */
bool place_apart(const struct flow *flow, node_id one, node_id two);
/* The held lock that is this one, or the only one that it can be; or -1. */
int held_find(struct flow *flow, const struct state *state, node_id lock,
              const char *class);
/* Fills kind and recursion if they are the type's. False: it is no lock. */
bool effect_settle(const struct flow *flow, const struct site *site,
                   struct effect *effect);

#include "engine/step.h"

/* ---- loop.c: on the way from a loop's end to its head */
void loop_mark_many(const struct flow *flow, struct state *state, uint32_t from,
                    uint32_t head);

/* ---- wait.c and notice.c: what a call is besides what it does to locks */
void wait_record(struct step *step);
void call_notice(struct step *step);
/* What an assignment stores in a field may run by itself. */
void store_notice(struct step *step);

/* ---- record.c: writing down events, in the last sweep only */
struct event *record_event(struct flow *flow, const struct state *state,
                           enum event_kind kind, ir_id op,
                           const struct site *site);
/* A guard gives back what was given back by hand, at `by_hand`. */
void record_redrop(const struct step *step, const struct lock_info *lock,
                   ir_id by_hand);
/* An exit, apart by what it returns. */
void record_exit(struct flow *flow, const struct state *state, ir_id op);
/* Whether one of that kind was; UNKNOWN: only calls nothing is known of. */
enum tristate record_answer(const struct event_list *events,
                            enum event_kind kind);
void record_finish(struct flow *flow);

#endif
