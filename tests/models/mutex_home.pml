/*
 * mutex_home.c: a mutex that one worker locks without locked instructions,
 * until somebody else comes.
 *
 * The home's worker takes turns with two tasks of its own, each of which may
 * lock, hold the mutex over a turn of the other, and unlock; its loads and
 * stores are steps of their own. The quiet, in which nobody counts, begins and
 * ends between two turns. Between two turns, when it does not hold the mutex,
 * the worker may block until the foreigner has finished. That one moves the
 * mutex out, and then uses it as everybody does: it marks itself as a waiter,
 * calls, and looks at its mark again (mutex_call.h). The worker frees a mutex
 * that it has not taken in the quiet by a plain store, home or not, and then
 * looks for calls.
 *
 * Checked: never two inside; the foreigner gets the mutex, blocked as the
 * worker may be (else it is an invalid end state).
 *
 * Faults that must be found: FAULT_TAKEN (the foreigner does not wait for the
 * end of the section), FAULT_ONE_LOOK (the worker looks whether it is at
 * home only before the section), FAULT_ASKS (the foreigner waits for the worker
 * to have its next turn), FAULT_DEAF (the worker does not look for calls).
 * In the quiet: FAULT_ONE_LOOK_QUIET (as above), FAULT_UNSEEN (the foreigner
 * does not look whether the mutex is held), FAULT_STILL_QUIET (nor ends the
 * quiet), FAULT_QUIET_AGAIN (that begins though there are mutexes in the list),
 * FAULT_FREED (who frees the mutex does not look whether it is still quiet),
 * FAULT_UNFOLDED (the counting task does not look whether it is held).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TURNS 6

mtype = { HOME, MOVING, SHARED };

mtype home = HOME;
bool homes_lock = false;
bool quiet = false;
bool held = false;
bool moved = false; /* is in the home's list */
bool section = false;
bool locked = false; /* two bits of the state */
bool waiters = false;
bool called = false;
bool queue_lock = false;
bool sleeps = false; /* the foreigner, in the queue */
bool given = false;
bool is_done = false;
byte turns = 0;
byte inside = 0;
bool holds[2]; /* the worker's tasks */

inline enter() { inside++; assert(inside == 1) }
inline leave() { inside-- }

/* The owner gives the mutex to who is in the queue, or frees it. */
inline pass_on()
{
    atomic {
        !queue_lock;
        waiters = false;
        if
        :: sleeps -> sleeps = false; given = true
        :: else -> locked = false
        fi
    }
}

/* Takes it from the list; `was_moved` says whether it was there. */
inline settle()
{
    atomic { !homes_lock; was_moved = moved; moved = false }
}

inline lock_quietly()
{
    if
    :: !held && !locked && !waiters ->
        held = true;
        if
#ifdef FAULT_ONE_LOOK_QUIET
        :: true ->
#else
        :: home == HOME ->
#endif
            holds[who] = true;
            enter()
        :: home != HOME ->
            settle();
            held = false;
            if
            :: was_moved -> holds[who] = true; enter()
            :: else -> skip
            fi
        fi
    :: else -> skip
    fi
}

/* The slow way takes what is held for locked from then on. */
inline lock_at_home()
{
    section = true;
    if
#ifdef FAULT_ONE_LOOK
    :: true ->
#else
    :: home == HOME ->
#endif
        if
#ifndef FAULT_UNFOLDED
        :: held -> locked = true; held = false
        :: !held && !locked && !waiters ->
#else
        :: !locked && !waiters ->
#endif
            atomic { locked = true; waiters = false };
            holds[who] = true;
            enter()
        :: else -> skip
        fi
    :: else -> skip
    fi;
    section = false
}

inline lock_shared()
{
    if
    :: atomic { !locked && !waiters -> locked = true };
        holds[who] = true;
        enter()
    :: locked || waiters -> skip
    fi
}

inline unlock_plainly()
{
    atomic { locked = false; waiters = false };
#ifndef FAULT_DEAF
    if
    :: called ->
        atomic {
            if
            :: called && !waiters && !locked ->
                waiters = true; locked = true; is_heir = true
            :: called && locked -> waiters = true
            :: else -> skip
            fi
        };
        if
        :: is_heir -> is_heir = false; pass_on()
        :: else -> skip
        fi
    :: else -> skip
    fi
#endif
}

/* Held, but not in the quiet any more: by the state, or in a section. */
inline unlock_slowly()
{
    if
    :: home == MOVING -> home == SHARED
    :: home != MOVING -> skip
    fi;
    section = true;
    if
    :: home == HOME ->
        if
        :: held -> held = false; locked = true
        :: else -> skip
        fi;
        locked = false;
        section = false
    :: home != HOME ->
        section = false;
        home == SHARED;
        if
        :: held -> settle(); held = false
        :: else -> skip
        fi;
        if
        :: waiters -> pass_on()
        :: atomic { !waiters -> locked = false }
        fi
    fi
}

inline unlock_quietly()
{
    held = false;
#ifndef FAULT_FREED
    if
    :: !quiet ->
        settle();
        if
        :: was_moved -> unlock_slowly()
        :: else -> skip
        fi
    :: quiet -> skip
    fi
#endif
}

inline unlock()
{
    leave();
    holds[who] = false;
    if
    :: held ->
        if
        :: quiet -> unlock_quietly()
        :: !quiet -> unlock_slowly()
        fi
    :: !held ->
        if
        :: home == MOVING -> home == SHARED
        :: home != MOVING -> skip
        fi;
        if
        :: waiters -> pass_on()
        :: else -> unlock_plainly()
        fi
    fi
}

inline turn()
{
    if
    :: holds[who] -> unlock()
    :: else ->
        if
        :: home == HOME ->
            if
            :: quiet -> lock_quietly()
            :: true -> lock_at_home()
            fi
        :: home == MOVING -> skip
        :: home == SHARED -> lock_shared()
        fi
    fi
}

inline quiet_begin()
{
    atomic {
        !homes_lock;
#ifndef FAULT_QUIET_AGAIN
        if
        :: !moved -> quiet = true
        :: moved -> skip
        fi
#else
        quiet = true
#endif
    }
}

active proctype worker()
{
    byte who = 0;
    bool is_heir = false;
    bool was_moved = false;

    do
    :: turns < TURNS || holds[0] || holds[1] ->
        if
        :: who = 0
        :: who = 1
        :: !holds[0] && !holds[1] -> is_done
        :: quiet -> quiet = false
        :: !quiet -> quiet_begin()
        fi;
        if
        :: turns < TURNS || holds[who] -> turn()
        :: else -> skip
        fi;
        if
        :: turns < TURNS -> turns++
        :: else -> skip
        fi
    :: else -> break
    od
}

inline move_out()
{
    atomic { !homes_lock -> homes_lock = true };
    home = MOVING;
#ifndef FAULT_STILL_QUIET
    quiet = false;
#endif
#ifdef FAULT_ASKS
    seen = turns;
    turns != seen || turns == TURNS;
#endif
#ifndef FAULT_TAKEN
    !section;
#endif
#ifndef FAULT_UNSEEN
    if
    :: held -> locked = true; moved = true
    :: !held -> skip
    fi;
#endif
    home = SHARED;
    homes_lock = false
}

active proctype foreigner()
{
#ifdef FAULT_ASKS
    byte seen;
#endif

    move_out();
    queue_lock = true;
    do
    :: atomic { !locked -> locked = true; break }
    :: atomic { locked -> waiters = true };
        called = true;
        if
        :: waiters ->
            atomic { sleeps = true; queue_lock = false };
            given;
            break
        :: !waiters -> skip
        fi
    od;
    queue_lock = false;
    called = false;
    enter();
    leave();
    atomic { locked = false; waiters = false };
    is_done = true
}
