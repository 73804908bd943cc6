/*
 * The model: what calls mean. It is read from packs (rules/packs, one YAML
 * file per runtime or library) and answers one question: given the name of a
 * function, macro, marker, field or type, what does it do to locks, tasks and
 * threads? It knows names, not programs; the engine applies what it says to
 * the operands of a call.
 *
 * A model is built once, then only read, from any thread. Everything it hands
 * out lives in its arena. A pack that names the headers it belongs to counts
 * only in units that include one of them: a `mutex_lock` is Linux's only in
 * Linux. That is what a `model_view` is for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_MODEL_MODEL_H
#define ASYNCLINT_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ir/ir.h"

enum lock_kind {
    LOCK_BLOCKING, /* the thread sleeps */
    LOCK_SPIN,     /* the thread burns */
    LOCK_ASYNC,    /* the task suspends */
    LOCK_UNKNOWN,  /* nobody says: a lock by its name, see engine/guess.h */
};

enum lock_mode {
    LOCK_EXCLUSIVE,
    LOCK_SHARED, /* a reader's half of a rwlock */
    LOCK_EITHER, /* of a release: whichever is held (pthread_rwlock_unlock) */
};

/* For a call: how sure it is. Unknown is a value, never silently another. */
enum tristate {
    ANSWER_NEVER,
    ANSWER_MAY,
    ANSWER_MUST,
    ANSWER_UNKNOWN,
};

/* It can happen, as far as is known. */
static inline bool answer_can_be(enum tristate answer)
{
    return answer == ANSWER_MAY || answer == ANSWER_MUST;
}

/* When a callback parameter runs, and where. */
enum timing {
    TIMING_UNKNOWN,
    TIMING_NOW,       /* before the call returns, in the caller's context */
    TIMING_LATER,     /* after it, in the same executor, outside the caller */
    TIMING_ATOMIC,    /* after it, where nothing may suspend: a timer */
    TIMING_INTERRUPT, /* … by what comes over timers and the like, too */
    TIMING_TASK,      /* as a task of its own */
    TIMING_POOL,      /* on a thread that may block */
    TIMING_THREAD,    /* as the start routine of a thread */
};

/* Which value of the call an effect is about; `ARG` counts from 0. */
enum place_base {
    PLACE_NONE,
    PLACE_ARG,
    PLACE_RESULT,
    PLACE_GLOBAL, /* the thing called `global`, itself and not through it */
    PLACE_SCOPE,  /* of a guard macro: the variable with a cleanup that it
                     declares, or else the scope in which it stands */
};

/* A C expression over the call: arg0, arg0->mutex, &arg0->mutex, result,
 * global:job_mutex. It stands for the object it evaluates to or points to. */
struct place {
    enum place_base base;
    int arg;
    const char *global;
    const char **fields; /* the chain behind it, `field_count` names */
    int field_count;
    bool and_rest;   /* `arg0...`: the argument and all behind it, each alike */
    bool is_written; /* `*arg0`: what the pointer points to that it leads to */
};

/* How a call's result tells whether an acquisition happened. */
enum outcome {
    OUTCOME_ALWAYS,
    OUTCOME_ZERO,            /* result == 0 */
    OUTCOME_NO_ERROR,        /* … and negative where it was not taken */
    OUTCOME_NOT_BUSY,        /* … and EBUSY there */
    OUTCOME_NOT_ONE,         /* … and 1 there, C's thrd_busy */
    OUTCOME_NOT_INTERRUPTED, /* … and -EINTR there */
    OUTCOME_NONZERO,         /* result != 0, or true */
    OUTCOME_NEGATIVE,        /* result < 0 */
    OUTCOME_NOT_NEGATIVE,
};

/* What is kept from interrupting a section under a spinlock. */
enum masks {
    MASKS_NOTHING,
    MASKS_SOFT, /* timers and the like */
    MASKS_ALL,  /* interrupts, too */
};

enum effect_kind {
    EFFECT_ACQUIRE,     /* lock `on` is taken, when `outcome` */
    EFFECT_RELEASE,     /* lock `on` is given back */
    EFFECT_WAIT,        /* lock `on` is released while the call waits */
    EFFECT_GUARD_ENTER, /* `guard` holds lock `on` from now on, acquired */
    EFFECT_GUARD_DEFER, /* `guard` will hold lock `on`, not acquired yet */
    EFFECT_GUARD_ADOPT, /* `guard` holds lock `on`, which is held already */
    EFFECT_GUARD_TAKE,  /* what `guard` was made for is acquired */
    EFFECT_GUARD_AWAIT, /* … when `outcome`, and nobody gives it back then */
    EFFECT_GUARD_DROP,  /* what `guard` holds, if anything, is released */
    EFFECT_GUARD_MOVE,  /* what `on` (a guard) holds goes over to `guard` */
    EFFECT_LOCK_INIT,   /* lock `on` is initialised */
    EFFECT_LOCK_DESTROY,
    EFFECT_ALLOCATE,       /* `on` is memory in which nothing is yet */
    EFFECT_FREE,           /* the memory `on` is given back */
    EFFECT_LOCK_ATTRIBUTE, /* locks initialised with `on` are recursive */
    EFFECT_EVENT_WAIT,     /* waits until someone sets off the event `on` */
    EFFECT_EXCLUDES,       /* is not called with lock `on` held */
    EFFECT_NORETURN,       /* the call does not come back */
    EFFECT_EVENT_SIGNAL,   /* sets off the event `on` */
    EFFECT_EVENT_RUN,      /* who waits for `on` waits for what this runs */
    EFFECT_EVENT_QUEUE,    /* … for what `queued` stands for */
    EFFECT_NONBLOCKING,    /* the fd `on` does not block from now on */
    EFFECT_IN_MEMORY,      /* the FILE * `on` is a memory stream */
    EFFECT_ZERO,           /* `on` points to zeros from now on */
    EFFECT_PERMIT_COUNT,   /* the semaphore `on` has `permits` from now on */
    EFFECT_PERMIT_TAKE,    /* one of its permits is taken, when `outcome` … */
    EFFECT_PERMIT_GIVE,    /* … or given; see engine/permit.h */
    EFFECT_REF_TAKE,       /* one more reference to the object `on` */
    EFFECT_REF_DROP,       /* one reference to the object `on` less */
    EFFECT_CANCEL_SHIELD,  /* the thread is not cancelled from now on */
    EFFECT_CANCEL_ANYWHERE, /* … or it is, wherever it happens to be */
};

/* An effect happens when all its `conditions` hold (no condition: always).
 * They are written as an exemption's are; an unknown argument makes the
 * effect uncertain, never sure. */
struct effect {
    enum effect_kind kind;
    struct place on;
    struct place guard;
    struct place attributes; /* of a LOCK_INIT: what a LOCK_ATTRIBUTE set */
    struct place queued;     /* of an EVENT_QUEUE: as EVENT_RUN called it */
    const struct exemption *conditions;
    int condition_count;
    enum lock_kind lock;
    enum lock_mode mode;
    enum outcome outcome;
    enum masks masks; /* of an ACQUIRE and a GUARD_ENTER; of a RELEASE: what
                         it lets in again, whatever it was before */
    bool is_try;      /* fails instead of waiting */
    bool is_interruptible; /* waits, but fails if it is interrupted */
    bool is_recursive;     /* taking it twice is fine */
    bool is_refused; /* of a LOCK_ATTRIBUTE: … or is an error, and no more */
    bool kind_by_type; /* `lock` is by the static type of `on`, see types */
    bool is_section;   /* of an ACQUIRE: no lock but a state of the processor,
                          in which others may leave it */
    bool only_if_held; /* of a RELEASE: else nothing happens */
    bool only_if_free; /* of an ACQUIRE: likewise */
    bool is_said;      /* by an attribute of the function's declaration */
    int permits_arg;   /* of a PERMIT_COUNT: the argument that says it, or -1 */
    int64_t permits;
};

/* A condition under which a call does not block (or suspend) after all. Any
 * one of them is enough. `value` is set in all cases, `name` when the pack
 * wrote it by name: a constant is seen as a number or as a macro. */
enum exemption_kind {
    UNLESS_ARG_EQUALS,       /* arg == value */
    UNLESS_ARG_HAS_FLAG,     /* (arg & value) == value */
    UNLESS_ARG_DIFFERS,      /* arg != value */
    UNLESS_ARG_LACKS_FLAG,   /* (arg & value) == 0 */
    UNLESS_ARG_TO_ZERO,      /* arg points to an object that is all zero */
    UNLESS_FD_NONBLOCKING,   /* the fd in arg was made non-blocking */
    UNLESS_STREAM_IN_MEMORY, /* the FILE * in arg is a memory stream */
    UNLESS_UNIT_CALLS        /* the unit calls the function `name`, anywhere */
};

struct exemption {
    enum exemption_kind kind;
    int arg;
    const char *field; /* … of what `arg` points to, or NULL: `arg` itself */
    int64_t value;
    const char *name;
    /* Further values of EQUALS and DIFFERS: one of them, or none of them. */
    const int64_t *others;
    int other_count;
};

struct callback_timing {
    int arg; /* the parameter that is called */
    enum timing timing;
};

/* What one function or macro does. */
struct meaning {
    const char *name;
    const struct pack *pack;
    enum tristate suspends;
    bool only_in_task; /* … and elsewhere polls, or returns at once */
    enum tristate blocks;
    const char *reason;  /* why it blocks, or NULL */
    const char *instead; /* as its own pack says; ask model_instead_find */
    const struct exemption *exemptions;
    int exemption_count;
    const struct effect *effects;
    int effect_count;
    const struct effect *zeroes; /* an EFFECT_ZERO, or NULL; not among them */
    const struct callback_timing *callbacks;
    int callback_count;
    bool is_block;       /* a macro whose effects last for its body */
    bool body_offloaded; /* a macro whose body runs on the pool */
    bool is_wait;        /* waits for another thread (condvar, join, …) */
    bool needs_loop;     /* a task's wait, to be asked for again behind it */
    bool is_bridge;      /* runs async work from sync code (block_on) */
    bool is_assumed;     /* holds only where the program has no body for it */
    bool is_loose;       /* … or only one in a header */
    bool is_noreturn;
    bool skips_cleanups; /* longjmp, task_exit: no cleanup runs */
    bool unwinds;        /* … unless the unit is compiled with -fexceptions */
    bool ends_task;      /* the task or thread that calls it is over */
    bool returns_twice;  /* setjmp: with another result once more, later */
    bool is_short_internal; /* takes only locks of its own, for a moment: it
                               is known, and nothing more follows */
    bool must_await;        /* its result has to be awaited, joined or kept */
    bool is_thread_affine;  /* its result belongs to the calling thread */
    bool is_not_send;       /* its result must not be given to another task */
    bool is_last_error;   /* … and points to the last call's error (errno) */
    bool reads_error;     /* it tells what the last call left there */
    bool has_same_result; /* each time, while its caller runs */
    bool is_checkpoint;   /* a place where a long loop may yield */
    bool is_cancel_point;
    bool needs_interrupts;      /* not to be called with interrupts off */
    enum tristate context_test; /* MUST: true in a task; NEVER: in none */
    /* Of a semaphore's function: what it means where that is a mutex. */
    const struct meaning *as_mutex;
    /* Of what waits for a local file, or for a descriptor that may block: what
     * it means where neither counts (see `allows_local_calls`), or NULL. */
    const struct meaning *as_local;
};

/* Whether it has an effect of that kind; NULL has none. */
static inline bool meaning_has(const struct meaning *meaning,
                               enum effect_kind kind)
{
    for (int i = 0; meaning && i < meaning->effect_count; i++)
        if (meaning->effects[i].kind == kind)
            return true;
    return false;
}

enum marker_kind {
    MARKER_ASYNC,       /* the function runs in a task */
    MARKER_MIXED,       /* in a task or outside */
    MARKER_SYNC_ONLY,   /* never in a task */
    MARKER_AWAIT,       /* stands before a call that may suspend */
    MARKER_MAY_SUSPEND, /* calls through the field or typedef may suspend */
    MARKER_MAY_BLOCK,
    MARKER_THREAD,            /* runs on a thread that may block, in no task */
    MARKER_ATOMIC,            /* runs where nothing may suspend */
    MARKER_INTERRUPTIBLE,     /* runs where interrupts may come */
    MARKER_ACQUIRES,          /* returns with a lock held that it took */
    MARKER_RELEASES,          /* gives back a lock of its caller's */
    MARKER_HOLDS,             /* is called with a lock held, and leaves it so */
    MARKER_LOCKS,             /* takes the lock that it is handed */
    MARKER_LOCKS_SHARED,      /* … for reading */
    MARKER_TRIES_LOCK,        /* … and says whether it has got it */
    MARKER_TRIES_SHARED,      /* … for reading */
    MARKER_UNLOCKS,           /* gives back the lock that it is handed */
    MARKER_UNLOCKS_SHARED,    /* … which is held for reading */
    MARKER_UNLOCKS_EXCLUSIVE, /* … for writing */
    MARKER_LOCKS_WITHIN,      /* takes the lock, and gives it back */
    MARKER_SIGNAL_HANDLER,    /* runs in the middle of what its thread does */
    MARKER_SIGNAL_SHIELD,     /* … which these keep away */
    MARKER_CANCELS,           /* another thread may be cancelled by it */
    MARKER_CANCEL_POINT,      /* … which happens in these */
    MARKER_CANCEL_SHIELD,     /* … for which the function has seen to it */
    MARKER_GUARDED, /* the words behind it name the lock that guards it */
    MARKER_POINTEE_GUARDED, /* … what it points to */
    MARKER_BEFORE,          /* … locks that may be taken while it is held */
    MARKER_AFTER,           /* … locks under which it may be taken */
    MARKER_COUNT,
};

enum short_sections { SHORT_UNSAID, SHORT_REPORT, SHORT_ALLOW };

/* What is told of sections in which … */
enum policy { POLICY_REPORT, POLICY_NOTE, POLICY_ALLOW };
enum section_kind {
    SECTION_ASYNC,    /* one waits while he holds an async lock */
    SECTION_CALLBACK, /* one calls who knows whom */
    SECTION_KINDS
};

/* Which functions must carry the async marker: those that suspend, by whatever
 * they call, or those that call one with the marker by its name. */
enum async_required {
    ASYNC_OPTIONAL,
    ASYNC_REQUIRED,
    ASYNC_REQUIRED_OF_CALLERS
};

struct pack {
    const char *name;
    const char *about;
    const char *file;
    enum short_sections short_sections;
    bool allows_local_calls; /* its loops read files, and sockets that don't
                                block: no call on either counts as blocking */
    enum policy policies[SECTION_KINDS];
    VEC(const char *) ambient; /* classes of locks that code runs under */
    const char *checkpoint;    /* to be called in long loops, or NULL */
    bool has_async;            /* describes a runtime with tasks */
    bool requires_await; /* calls that may suspend must carry its marker */
    enum async_required requires_async;
    bool is_multithread; /* tasks may move between threads */
    bool cancel_skips_cleanups;
    bool returns_errors; /* its calls say by their results what failed, and
                            leave errno alone */
};

/* What a type named in a pack is. */
enum type_trait {
    TYPE_LOCK = 1,
    TYPE_GUARD = 2,
    TYPE_NOT_SEND = 4,
    TYPE_REFCOUNTED = 8,
    TYPE_MUST_AWAIT = 16,
};

struct type_meaning {
    const char *name;
    uint32_t traits;
    enum lock_kind lock;
    bool is_recursive;
    const char *permits; /* the field in which a semaphore counts, or NULL */
};

struct model;
struct model_view;

struct model *model_new(struct arena *arena);

/* Reads one pack. `file` names it in errors ("FILE:LINE:COLUMN: …"). The text
 * need not outlive the call. A later pack's entry wins over an earlier one. */
bool model_pack_add(struct model *model, const char *file, const char *text,
                    size_t length, struct err *err);

/* The same from a file; what is read is in the arena. */
bool model_pack_open(struct model *model, const char *path, struct arena *arena,
                     struct err *err);

/* Reads every pack that is built into the program. */
bool model_shipped_add(struct model *model, struct err *err);

/* The model as it counts for one unit, in the model's arena. */
const struct model_view *model_view_new(const struct model *model,
                                        const struct ir_unit *unit);

/* The same, made when it is first asked for: by then the unit is whole, and all
 * packs have been added. */
const struct model_view *model_view_of(struct model *model,
                                       const struct ir_unit *unit);

/* What the function or the macro of that name does, or NULL: not in a pack. */
const struct meaning *model_function_find(const struct model_view *view,
                                          const char *name);
const struct meaning *model_macro_find(const struct model_view *view,
                                       const char *name);

/* What to call in async code instead of what has this meaning: a runtime's
 * pack that counts here says it for the functions of other packs too (under
 * `instead`), else the meaning's own word. Or NULL. */
const char *model_instead_find(const struct model_view *view,
                               const struct meaning *meaning);

/* Whether something carries a marker: by an annotation, by a word in its
 * declaration, or by its own name (`FN`, `Record.field`, a typedef's name);
 * `name` may be NULL. The pack that says so, or NULL. */
const struct pack *model_marker_find(const struct model_view *view,
                                     enum marker_kind marker,
                                     const struct ir_unit *unit,
                                     struct ir_list annotations,
                                     struct ir_list words, const char *name);

/* The same for a function, by what its declaration carries, or returns. */
const struct pack *model_symbol_marker(const struct model_view *view,
                                       enum marker_kind marker,
                                       const struct ir_unit *unit,
                                       const struct ir_symbol *symbol);

/* The word that stands for a marker in that pack (`await`), or NULL. */
const char *model_marker_word(const struct model_view *view,
                              enum marker_kind marker, const struct pack *pack);

/* Whether the word is a marker written before a call (`await`). */
const struct pack *model_await_word(const struct model_view *view,
                                    const char *word);

/* The lock, of its caller's, that is held where a function is called that is
 * stored in a field of that name (`ops.flush`); NULL: none is known of. */
const struct place *model_called_under(const struct model_view *view,
                                       const char *field);

/* … only if the object that it is stored in is handed to that function; NULL:
 * whatever is done with it. */
const char *model_handed_to(const struct model_view *view, const char *field);

/* The field that a unit sets where functions in a field of that name may
 * suspend after all, though it is marked; NULL: there is none. */
const char *model_spared_by(const struct model_view *view, const char *field);

/* What the record or typedef of that name is (`struct async_mutex`,
 * `pthread_mutex_t`), or NULL. */
const struct type_meaning *model_type_find(const struct model_view *view,
                                           const char *name);

/* Every pack that counts in this view, in reading order. */
const struct pack *const *model_packs(const struct model_view *view,
                                      int *count);

#endif
