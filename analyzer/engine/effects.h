/*
 * A function's summary: what calling it can do. The half of it that the
 * lock-set analysis of its callers applies is what it does to their locks, by
 * access path.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_EFFECTS_H
#define ASYNCLINT_ENGINE_EFFECTS_H

#include "base/vec.h"
#include "engine/event.h"

enum step_kind {
    STEP_DEREF, /* value → where it points */
    STEP_FIELD, /* place → its field */
    STEP_LOAD,  /* place → what is stored there */
    STEP_ADDR,  /* place → its address */
    STEP_INDEX, /* place of an array → place of an element */
};

struct path_step {
    enum step_kind kind;
    const char *record; /* of FIELD: by name, since units number alone */
    const char *field;
    const char *class; /* of FIELD: as the class of a lock there */
    int index_param;   /* of INDEX: which, or -1: the number it is */
    int64_t index;
};

enum {
    PATH_GLOBAL = -1,
    PATH_RESULT = -2, /* what the function returns */
};

struct path {
    int param;          /* where it starts: a parameter, or one of these */
    const char *global; /* linker name */
    const struct path_step *steps;
    int step_count;
    uint32_t hash; /* equal paths have the same */
};

enum lock_effect_kind {
    LOCK_TAKES,           /* is held when the function returns */
    LOCK_GIVES,           /* was the caller's, and is given back */
    LOCK_USES,            /* is taken inside, whatever happens then */
    LOCK_EXCURSION,       /* the caller's, not held at any suspension inside */
    LOCK_BLOCK_EXCURSION, /* … nor at any call inside that blocks */
    LOCK_MAKES,    /* is initialised, and free when the function returns */
    LOCK_DESTROYS, /* is destroyed */
    LOCK_DROPS,    /* a guard of the caller's lets go; `path` is where it is */
};

enum flag_condition { FLAG_ANY, FLAG_SET, FLAG_CLEAR };

/* Something is done only when the value there is not the flag's nought, or is:
 * 0, or one number of several that a parameter is compared with. */
struct flag {
    enum flag_condition wanted;
    const struct path *path; /* a parameter, or a global or a field */
    int64_t mask;            /* … these bits of it; 0: all of it */
    int64_t nought;
    const char *memory; /* where it is kept, for who may change it: see
                                written.h; NULL: it is a parameter's, and nobody
                                may */
};

/* What a parameter is then, or a field of what it points to, or some bits. */
struct lock_when {
    int param;
    const struct path *field; /* what is kept there; NULL: the parameter */
    int64_t mask;             /* 0: all of it */
    int64_t low;
    int64_t high;
    bool nonzero;
    int64_t other_than; /* … nor that; 0: nothing is known */
};

enum { MOST_WHENS = 4 };

struct lock_effect {
    enum lock_effect_kind kind;
    const struct path *path;
    struct lock_info lock;
    ir_id op; /* where, in the function */
    /* Of TAKES: at which exits, by what they return. Of GIVES likewise, if
     * that is what decides: at which it is not given back, and at which. */
    uint32_t held_buckets;
    uint32_t free_buckets;
    /* Of USES: only when all of these hold, … */
    struct lock_when whens[MOST_WHENS];
    int when_count;
    int when_differ[2]; /* … and these two differ, counting from 1; 0: none */
    bool at_last;       /* … and it drops the last reference to something */
    bool after_drop;    /* USES: while some lock of the caller's is not held */
    bool in_guard; /* a guard owns it: the result, …; of an EXCURSION: the
                        path is that of the guard */
    const struct path *guard_path; /* … or what is left here, if not NULL; of
                                      MAKES: where the pointer is left that
                                      `path` begins with */
    bool sometimes;                /* GIVES: at some exits only */
    /* Of TAKES and GIVES: bit n says that nothing is done where the pointer
     * after n steps of the path is NULL, for there is no lock then. */
    uint32_t unless_null;
    struct flag flag; /* … and only then; of USES: a global or field */
};

/* Takes one lock of its caller's while it holds another; see nesting. */
struct lock_nesting {
    const struct path *outer;
    const struct path *inner;
    struct nesting nesting;
};

/* Runs its parameter while it holds a lock of its caller's. */
struct lock_run {
    int param;
    const struct path *outer;
    struct nesting nesting; /* all but what is taken inside */
};

/* What a callee takes may be said by the callee's own USES, so these are never
 * changed once they are there. */
struct lock_effects {
    VEC(struct lock_effect *) items;
    VEC(struct lock_nesting) nestings;
    VEC(struct lock_run) runs;
    bool suspends_seen; /* excursions are known for what they are */
    bool blocks_seen;
    bool gives_some;        /* gives one back that its callers can't name … */
    const char *some_class; /* … of that class, or NULL */
    bool leaves_some; /* returns with a lock that its callers can't name */
    bool makes;       /* locks may be made or destroyed inside, any */
    uint8_t results;  /* what it returns, a bit for each exit bucket */
};

/* A parameter, and the flag that it has to have. */
struct only_if {
    int param; /* counting from 1, 0: none */
    int64_t flag;
};

/* It suspends only if these parameters, a bit each, are not 0, or are 0; … */
struct waits {
    uint16_t nonzero;
    uint16_t zero;
    bool last;           /* … if it drops the last reference; … */
    bool bits_are_clear; /* … if none of these bits is set, or one is */
    uint8_t bits_param;
    int64_t bits;
    struct flag flag; /* … if this field, which a parameter leads to, is set */
};

/* Bottom-up: what calling the function can do. */
struct summary {
    enum tristate suspends;
    /* The same when it runs in no task. What stands behind a test of the
     * context does not count then, once the function was followed. */
    enum tristate suspends_outside;
    enum tristate blocks;
    ir_id suspends_at; /* the op that shows it, in this function */
    ir_id blocks_at;
    const char *blocks_why;
    struct only_if only_if;     /* it suspends only then */
    struct waits waits;         /* … and see waits.h */
    struct waits halts;         /* the same of blocking */
    bool never_returns;         /* all paths end elsewhere */
    bool skips_cleanups;        /* … some where no cleanup runs */
    bool may_skip_cleanups;     /* some do, and others return */
    uint8_t cancels;            /* who may be cancelled in it, see event.h */
    bool shields;               /* it sees to what happens then */
    bool defers;                /* … so that it does not happen meanwhile */
    uint16_t drops;             /* by parameter: it gives a reference back */
    uint16_t drops_behind;      /* … of what the parameter points at */
    bool takes_reference;       /* of something */
    uint16_t starts;            /* by parameter: it gives that to a task */
    bool starts_moving;         /* … which may run on another thread */
    bool returns_bound;         /* something that belongs to the thread */
    uint16_t binds;             /* by parameter: it puts such there */
    bool returns_raw;           /* memory with nothing in it, or NULL, … */
    bool returns_other;         /* … at some exits something else */
    uint32_t modes;             /* see mode.h */
    const struct path *returns; /* always this of its caller's, or NULL */
    struct lock_effects locks;  /* filled by lockset.c */
};

#endif
