/*
 * What happens in a function, as far as locks and tasks are concerned: one
 * event per op that matters, with the locks that are held there on all paths
 * (must) or on some (may). Rules read events; they never see a state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_ENGINE_EVENT_H
#define ASYNCLINT_ENGINE_EVENT_H

#include "base/vec.h"
#include "ir/ir.h"
#include "model/model.h"

struct fn;

enum event_kind {
    EVENT_ACQUIRE,   /* `lock` is taken */
    EVENT_RETAKE,    /* a callee takes `lock`, which is held here, or in
                        `callee` since `fate_at` */
    EVENT_RELEASE,   /* `lock` is given back */
    EVENT_SUSPEND,   /* the task may suspend here */
    EVENT_BLOCK,     /* the thread may block here, other than on a lock */
    EVENT_EXCLUDED,  /* a call that nobody makes who holds `lock` */
    EVENT_SPIN,      /* a wait for `subject` without either, a short one */
    EVENT_UNKNOWN,   /* a call of which nothing is known */
    EVENT_STALE,     /* a variable is used whose value is out of date */
    EVENT_CANCEL,    /* the task or thread may be cancelled here, see cancels */
    EVENT_SPAWN,     /* a task is started, and given something */
    EVENT_SIGNAL,    /* who waits for `subject` is woken, see by_callback */
    EVENT_SYNC_ONLY, /* a call that no task may make */
    EVENT_ASYNC_ONLY, /* a call that only a task may make */
    EVENT_HANDS_LOCK, /* a function is called with locks held, or with some of
                         our caller's given back */
    EVENT_LOOP,       /* a loop that may go round for ever, under locks */
    EVENT_EXIT,       /* the function returns */
    EVENT_REDROP, /* a guard gives back `lock`, as a hand did at `fate_at` */
    EVENT_NO_CLEANUP, /* a way out on which no cleanup runs */
    EVENT_END,     /* the task or thread ends in the middle of the function */
    EVENT_MISUSE,  /* a callee uses `lock`, which is not there: see `fates` */
    EVENT_OUTLIVE, /* variable `subject` ends, known to a task or thread that
                      was started at `fate_at` */
    EVENT_MAKE,    /* `lock` is initialised */
    EVENT_DESTROY, /* `lock` is destroyed */
    EVENT_FREE,    /* memory with `lock` in it is freed, while it is held */
};

/* What happened last to a lock that is not held here, as far as it is known
 * for sure. FREE: one of the three before it, on one path or another. */
enum fate {
    FATE_MADE,    /* initialised */
    FATE_GIVEN,   /* given back */
    FATE_REFUSED, /* an attempt to take it failed */
    FATE_FREE,
    FATE_RAW, /* a variable, or the locks in it, not yet initialised */
    FATE_DESTROYED,
    FATE_DROPPED,    /* a guard of the caller's was dropped there */
    FATE_LENT,       /* its address, not itself, is known to another task; of a
                     call's result: what that has started may still run */
    FATE_LENT_OFTEN, /* … to one of several, which a loop has started */
    FATE_PERHAPS,    /* taken, by a callee that takes it only at times */
    FATE_COUNT,
};

/* Exits that return alike are compared: what is returned may say "locked". */
enum exit_bucket {
    EXIT_VOID,
    EXIT_UNKNOWN,
    EXIT_ZERO,     /* 0, false, NULL */
    EXIT_NEGATIVE, /* an error */
    EXIT_NONZERO,  /* true, not NULL, positive */
};

/* One lock, named as the code names it. */
struct lock_info {
    const char *name;     /* `room->lock` */
    const char *class;    /* `struct room.lock`: the same for all rooms */
    const char *instance; /* `lobby.lock`, of a global; NULL: any of a class */
    enum lock_kind kind;
    enum lock_mode mode;
    bool is_recursive;
    bool is_try;       /* taken by who gives up instead of waiting */
    bool is_parameter; /* the function is handed the lock itself */
    bool is_section;   /* no lock, but a state of the processor */
    bool is_said;      /* taken by what an attribute says, see said.h */
    bool is_nameless;  /* a pack's global that no unit declares */
    bool is_local;     /* it lies in a variable that nobody else knows of */
    /* Taken inside a callee that returned with it: where. */
    const struct fn *taken_in;
    ir_id taken_at;
};

/* A lock that is held where an event happens. */
struct held {
    ir_id acquired; /* the op that took it */
    uint8_t slot;   /* … as which of the locks that it takes, mostly 0 */
    struct lock_info lock;
    bool must;    /* on all paths that get here */
    bool uses_it; /* SUSPEND: the call works on what the lock guards */
    bool has_guard;
    bool is_weak;   /* merged by force, or one of many: no proof of a leak */
    bool is_handed; /* what it is a part of is left where the caller finds it */
    ir_id branch;   /* may: the branch on whose paths it is held */
    bool branch_taken;
    uint32_t seen;  /* in how many states, while events are gathered */
    uint32_t again; /* … in which it was taken though it was held */
};

/* Who may be cancelled; and whether the thread may be wherever it is, or was
 * told again that it may not. */
enum {
    CANCELS_TASK = 1,
    CANCELS_THREAD = 2,
    CANCELS_ANYWHERE = 4,
    CANCELS_AT_POINTS = 8,
};

/* A use of what was got while something held that has ended since. */
struct stale {
    uint8_t kind;          /* enum carried_kind */
    ir_id source;          /* where it was got */
    ir_id left;            /* where that ended: an await, a release */
    const char *name;      /* of the variable */
    const char *from;      /* what it was got from */
    struct lock_info lock; /* of a guarded one */
    ir_id what;            /* … the field or global that it was found in */
    ir_id used;            /* … the field that is used through it, or 0 */
    bool is_held;          /* … and the lock is held again */
};

struct event {
    enum event_kind kind;
    ir_id op;
    uint8_t slot; /* which of the locks that the op works on, mostly 0 */
    /* Of ACQUIRE and RELEASE; of BLOCK and SUSPEND: what the call gives back
     * while it waits, the name NULL if nothing. */
    struct lock_info lock;
    /* What is waited for or woken (a class), in what, and what runs for it. */
    const char *subject, *subject_in, *queued;
    bool is_try, by_guard, is_interruptible; /* ACQUIRE; the last: may fail */
    enum tristate answer;          /* of SUSPEND, BLOCK, RETAKE: how sure */
    const struct meaning *meaning; /* of the callee, or NULL */
    const struct fn *callee;       /* its body, or NULL */
    const char *callee_name;       /* as called: `rt_sleep_ms`, `ops->flush` */
    bool is_indirect;    /* called through a pointer nothing is known of */
    bool is_given;       /* a parameter; `callee` is one that is given to it */
    bool is_acquisition; /* SUSPEND, BLOCK: it waits to take a lock */
    bool is_doubted : 1; /* … perhaps; BLOCK: only for what its runtime does */
    bool is_spared : 1, is_of_section : 1; /* not mind; SUSPEND: see sure.h */
    bool is_offloaded;    /* in a body that a macro runs on the pool */
    uint32_t held_before; /* in how many states that lock was held already */
    uint32_t regains; /* ACQUIRE: … it was the caller's, given back before */
    uint32_t of_callee; /* RELEASE: … a callee had taken it */
    uint32_t unsure; /* RELEASE: … by another name; EXIT: … less than 0? */
    uint32_t at_times; /* … not even that, but its callee does so at times */
    uint32_t moved;    /* RELEASE: … another by that name was, at fate_at */
    uint32_t wrong_mode; /* RELEASE: … it was held in the other mode */
    /* Where it was not held: how many states had that fate, and where one. */
    uint32_t fates[FATE_COUNT];
    ir_id fate_at, alive_at;
    uint32_t alive;          /* DESTROY: … what `alive_at` started may run */
    enum exit_bucket bucket; /* of EXIT: what the function returns there */
    int first_given;         /* of SPAWN: the first argument that it gets */
    bool moves;              /* … and whether on another thread, perhaps */
    bool by_callback;        /* of SIGNAL: what is started here gives it */
    const struct fn *starts; /* … this one, stored in a field */
    uint8_t cancels;         /* of CANCEL: CANCELS_TASK, CANCELS_THREAD */
    struct stale stale;      /* of STALE */
    VEC(struct held) held;
    /* Of ACQUIRE, HANDS_LOCK and waits: classes of the caller's locks that are
     * held on no path meanwhile. */
    VEC(const char *) dropped;
    uint32_t states;         /* how many states got here */
    uint32_t states_in_task; /* … after a test said: in a task */
    uint32_t states_outside; /* … after a test said: in no task */
    bool outside_too;        /* SUSPEND: also when the caller is in no task */
};

/* One lock is taken while another is held, where their classes don't tell them
 * apart: both are of one class, or a function is handed them by address. */
struct nesting {
    ir_id op;                   /* takes `inner`, or calls who does */
    ir_id acquired;             /* took `outer`; 0: `op`, for its callee */
    const struct fn *nested_in; /* the callee that takes both, or NULL */
    ir_id outer_at;             /* … where it does */
    struct lock_info outer;
    struct lock_info inner;
    bool is_handed_on; /* callers may know more */
    bool is_ordered;   /* compared first, or one is found in the other */
    bool is_compared; /* … the first; then what callers hand over goes around */
    bool is_told_apart;      /* somebody asks which is which */
    VEC(const char *) gates; /* classes that are held around both */
};

struct event_list {
    VEC(struct event) items;
    uint32_t kinds; /* a bit for each that is there, once rules are asked */
};

#endif
