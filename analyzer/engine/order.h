/*
 * The lock order: which class of locks is taken while which other is held,
 * anywhere in the program, in the function itself or in what it calls. Classes
 * are those of lock_info; two locks of one class are kept apart only when both
 * are known by name (nesting).
 *
 * Who takes two locks in one order and who takes them in the other may block
 * each other for ever, unless a third lock is held around both (a gate), both
 * only read, or they never run at the same time (overlap.h). Where a pointer
 * has several functions to choose from, and some of them take a lock, that it
 * is taken there is a guess, and kept apart; so is what the program's log
 * takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_ORDER_H
#define ASYNCLINT_ENGINE_ORDER_H

#include "engine/calls.h"
#include "engine/group.h"
#include "engine/last.h"
#include "engine/sets.h"

/* Of one edge: enough to find one that counts. */
enum { MOST_SITES = 8 };

/* One place where `inner` is taken while `outer` is held. */
struct order_site {
    const struct fn *fn;
    ir_id acquired; /* took `outer`, or called who took both */
    ir_id op;       /* takes `inner`, or calls who does */
    const struct lock_info *outer;
    const struct lock_info *inner; /* NULL: taken by the callee */
    const struct nesting *nesting; /* NULL: it is in the events */
    bool must;                     /* `outer` is held on all paths */
    set_id gates;                  /* classes that are held for sure, too */
};

struct order_edge {
    uint32_t from; /* class numbers */
    uint32_t to;
    bool is_held_shared;  /* `from` is held by a reader */
    bool is_taken_shared; /* `to` is taken by a reader */
    bool is_guess;        /* … by one that is chosen, or by the log */
    VEC(struct order_site) sites;
};

struct order {
    struct arena *arena;
    const struct program *program;
    const struct calls *calls;
    struct map numbers;        /* class → number */
    VEC(const char *) classes; /* by number */
    struct sets sets;
    set_id *takes;   /* by function: see takes.c */
    bool *is_wanted; /* by function: it is called under a lock */
    set_id *entry;   /* by function: classes held wherever it is called */
    struct map by_pair;
    VEC(struct order_edge) edges; /* in the order of the program */
    VEC(struct order_site) pairs; /* of one class, and which is not known */
    bool is_bounded;              /* not all circles in it were looked at */
};

/* Whether what is called may be what a lock is taken in for its caller: who
 * drops the last reference to something does not, as a rule, still use it. */
static inline bool order_follows(const struct call *call)
{
    return !call_is_last(call) && call->choices <= FEW_CHOICES &&
           !last_has(call->caller, call->op);
}

/* What a log takes beside its own lock, to begin a new file or without its
 * thread, it takes in a state that holders seldom meet. */
static inline bool call_is_guess(const struct call *call)
{
    return call->choices > 1 || call->is_report;
}

/* From the events of all functions; call once they are all there. */
struct order *order_find(const struct program *program, struct arena *arena);

uint32_t order_class(struct order *order, const char *class);

/* ---- private to order.c and its helpers */

/* takes.c: fills `takes` for what is called under locks. */
void takes_solve(struct order *order);
/* An element of `takes`, packed. */
struct take {
    uint32_t class;
    bool is_shared; /* by a reader */
    bool is_guess;  /* by one of several functions, or by the log */
    set_id dropped; /* classes that its taker gave back before */
};
static inline uint64_t take_pack(struct take take)
{
    return (uint64_t)take.class << 34 | (uint64_t)take.is_guess << 33 |
           (uint64_t)take.is_shared << 32 | take.dropped;
}
static inline struct take take_unpack(uint64_t packed)
{
    return (struct take){.class = (uint32_t)(packed >> 34),
                         .is_guess = packed >> 33 & 1,
                         .is_shared = packed >> 32 & 1,
                         .dropped = (set_id)packed};
}

/* gates.c: fills `entry`. */
void gates_solve(struct order *order);
/* Held for sure at an event, or around a nesting, and by a writer: what others
 * wait for. */
set_id gates_at(struct order *order, const struct event *event);
set_id gates_around(struct order *order, const struct nesting *nesting);

#endif
