/*
 * What holds at one point on one class of paths: which locks are held and by
 * which guards, what places hold, and what is known of values. Paths that
 * agree on the locks share a state, paths that differ are kept apart with the
 * facts that tell them apart (property simulation: Das et al., PLDI 2002). So
 * inside one state a lock is held or not; only where there are too many states
 * are they all merged, and a lock becomes "may".
 *
 * All lists are sorted, so that equal states are equal lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_STATE_H
#define ASYNCLINT_ENGINE_STATE_H

#include "engine/event.h"
#include "engine/fate.h"
#include "engine/node_list.h"
#include "engine/value.h"
#include "model/model.h"

/* A lock that is held (or, by a deferred guard, could be). */
struct held_lock {
    ir_id acquired; /* the op that took it; with `lock`, its identity */
    uint8_t slot;   /* which of the locks that the op takes, mostly 0 */
    node_id lock;   /* the place of the lock itself, 0: some lock */
    node_id guard;  /* the value of the guard that owns it, or 0 */
    uint8_t kind;   /* enum lock_kind */
    uint8_t mode;   /* enum lock_mode */
    uint8_t depth;  /* of a recursive lock: how often; 0: deferred */
    bool is_recursive;
    /* Given back by hand, at this op, while `guard` still thinks it holds it
     * (its depth is 0 meanwhile); or 0. */
    ir_id by_hand;
    bool is_again; /* taken though it was held: told, and not counted */
    bool may;      /* merged from states with and without it */
    bool is_many;  /* a loop took one of each element and nobody counts them,
                     or it may have been given back by a name we can't tell */
};

struct stored {
    node_id place;
    node_id value;
};

enum { MOST_EXCLUDED = 4 }; /* numbers that a value is known not to be */

/* What is known of a value: an interval, and a few numbers it is not. */
struct fact {
    node_id value;
    uint8_t excluded_count;
    uint8_t grown; /* how often a join has widened it: loops must end */
    uint64_t ones; /* bits that are set for sure, of a mask of flags */
    int64_t low;
    int64_t high;
    int64_t excluded[MOST_EXCLUDED]; /* sorted */
};

enum carried_kind {
    CARRIED_THREAD,  /* belongs to the thread that it was got on */
    CARRIED_ERRNO,   /* the error that a call left behind for its thread */
    CARRIED_GUARDED, /* points to what a lock guards that was held */
    CARRIED_SPAWNED, /* a task was given it; `place` is the value itself */
    CARRIED_TAKEN,   /* a reference was taken for somebody; likewise */
};

/* What a variable was given while something held that may have ended since:
 * the task ran on that thread, the lock was held. */
struct carried {
    node_id place;    /* the variable, or errno */
    ir_id source;     /* the op that gave it its value */
    ir_id acquired;   /* GUARDED: the op that took the lock */
    uint8_t slot;     /* … as which of its locks */
    ir_id left;       /* the op with which it ended, 0: it has not */
    ir_id what;       /* GUARDED: the field or global, see access.h */
    const char *from; /* as the code calls it */
    uint8_t kind;     /* enum carried_kind */
    bool is_stale;    /* GUARDED: … and the task was suspended meanwhile */
};

enum whereabouts { WHERE_UNKNOWN, WHERE_IN_TASK, WHERE_OUTSIDE };

/* What a branch was told, see question.h. */
struct told {
    uint32_t question;
    ir_id op; /* that asked last */
    bool is_true;
    node_id
        under;   /* the lock that was held then, the last one taken; 0: none */
    bool is_old; /* … and was given back since */
};

struct state {
    VEC(struct held_lock) held;
    VEC(struct carried) carried; /* by place, source, acquisition */
    node_list dropped; /* locks of the caller that are not held here */
    VEC(struct lock_fate) fates; /* sorted by lock */
    VEC(struct stored) store;
    VEC(struct fact) facts;
    VEC(struct told) answers; /* in the order of asking */
    node_list eithers;        /* blocks, see question.c */
    /* The branch that keeps this state apart from others, as a witness. */
    ir_id branch;
    bool branch_taken;
    uint8_t whereabouts; /* enum whereabouts: what a context test has shown */
    bool met_locker;     /* an unknown call may have taken a lock for us */
    bool is_doubtful;    /* the path had two answers to one question */
    bool is_full;        /* places that are not in the store are not known */
};

typedef VEC(struct state *) state_list;

/* One way out, in one state. */
struct exit_state {
    const struct state *state;
    ir_id op;
    enum exit_bucket bucket;
};

struct state *state_copy(struct arena *arena, const struct state *state);

/* The value in a place: what was stored, else what it held at first. */
node_id state_load(const struct state *state, struct values *values,
                   node_id place);

/* Stores, and forgets what may be somewhere inside or be the same memory. */
void state_store(struct state *state, struct values *values,
                 struct arena *arena, node_id place, node_id value);

/* Assumes `value` is in [low, high] or is not `excluded`; false: it can't. */
bool state_assume_range(struct state *state, const struct values *values,
                        struct arena *arena, node_id value, int64_t low,
                        int64_t high);
bool state_assume_not(struct state *state, const struct values *values,
                      struct arena *arena, node_id value, int64_t excluded);
/* Replaces what is known of a value. */
void state_fact_put(struct state *state, struct arena *arena, struct fact fact);
bool fact_excludes(const struct fact *fact, int64_t number);
static inline bool fact_is(const struct fact *fact, int64_t number)
{
    return fact->low == number && fact->high == number;
}

/* All that is known of it; the whole range when nothing is. */
struct fact state_fact(const struct state *state, const struct values *values,
                       node_id value);

/* Replaces a value by another everywhere; facts about it go with it. */
void state_rename(struct state *state, struct values *values,
                  struct arena *arena, node_id from, node_id to);

/* Before something makes `value` anew: the older one becomes STALE. */
void state_age(struct state *state, struct values *values, struct arena *arena,
               node_id value);

/* Whether two states hold the same locks, as acquired: they may share. */
bool state_same_locks(const struct state *one, const struct state *two);

bool state_equal(const struct state *one, const struct state *two);

/* Whether `one` would stay what it is if `two` were joined to it, as far as is
 * seen without joining them. */
bool state_adds_nothing(const struct state *one, const struct state *two);

/* What both have in common, where block `block` begins. The states must hold
 * the same locks, unless `by_force`: then a lock of only one becomes "may". */
struct state *state_join(struct values *values, struct arena *arena,
                         const struct state *one, const struct state *two,
                         ir_id block, bool by_force);

/* Among states at one place in the middle of a block: each kind once. False:
 * they were too many, and are one now. */
bool states_thin(state_list *states, struct values *values, struct arena *arena,
                 ir_id block);

/* On the way back to a loop's head: what others can write may have changed. */
void state_shared_forget(struct state *state, struct values *values,
                         struct arena *arena, ir_id block);

/* What variables carry: carried.c. At a join, what both sides carry. */
void carry_add(struct arena *arena, struct state *state,
               struct carried carried);
void carry_remove(struct state *state, uint32_t at);
/* A value has got another number. */
void carry_rename(struct state *state, struct values *values,
                  struct arena *arena, node_id from, node_id to);
/* The variable is given something else, or its life ends. */
void carry_forget(struct state *state, node_id place);
void carry_join(struct values *values, struct arena *arena, struct state *out,
                const struct state *one, const struct state *two);
bool carry_equal(const struct state *one, const struct state *two);

/* Adds a lock, keeping the order. */
void state_held_add(struct state *state, struct arena *arena,
                    struct held_lock lock);
void state_held_remove(struct state *state, uint32_t at);

#endif
