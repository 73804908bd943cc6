/*
 * mutex_home.c: a mutex that one worker locks without locked instructions,
 * until somebody else comes.
 *
 * The home's worker takes turns with two tasks of its own, each of which may
 * lock, hold the mutex over a turn of the other, and unlock; its loads and
 * stores are steps of their own. Between two turns, when it does not hold the
 * mutex, it may block until the foreigner has finished. That one moves the
 * mutex out, and then uses it as everybody does: it marks itself as a waiter,
 * calls, and looks at its mark again (mutex_call.h). The worker frees the mutex
 * by a plain store, home or not, and then looks for calls.
 *
 * Checked: never two inside; the foreigner gets the mutex, blocked as the
 * worker may be (else it is an invalid end state).
 *
 * Faults that must be found: FAULT_TAKEN (the foreigner does not wait for the
 * end of the section), FAULT_ONE_LOOK (the worker looks whether it is at
 * home only before the section), FAULT_ASKS (the foreigner waits for the worker
 * to have its next turn), FAULT_DEAF (the worker does not look for calls).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TURNS 6

mtype = { HOME, MOVING, SHARED };

mtype home = HOME;
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
        :: !locked && !waiters ->
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

inline unlock()
{
    leave();
    holds[who] = false;
    if
    :: home == MOVING -> home == SHARED
    :: home != MOVING -> skip
    fi;
    if
    :: waiters -> pass_on()
    :: else ->
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
    fi
}

inline turn()
{
    if
    :: holds[who] -> unlock()
    :: else ->
        if
        :: home == HOME -> lock_at_home()
        :: home == MOVING -> skip
        :: home == SHARED -> lock_shared()
        fi
    fi
}

active proctype worker()
{
    byte who = 0;
    bool is_heir = false;

    do
    :: turns < TURNS || holds[0] || holds[1] ->
        if
        :: who = 0
        :: who = 1
        :: !holds[0] && !holds[1] -> is_done
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

active proctype foreigner()
{
#ifdef FAULT_ASKS
    byte seen;
#endif

    home = MOVING;
#ifdef FAULT_ASKS
    seen = turns;
    turns != seen || turns == TURNS;
#endif
#ifndef FAULT_TAKEN
    !section;
#endif
    home = SHARED;
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
