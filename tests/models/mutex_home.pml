/*
 * mutex_home.c: a mutex that one worker locks without locked instructions,
 * until another executor's task comes.
 *
 * The home's worker takes turns with two tasks of its own, each of which may
 * lock, hold the mutex over a turn of the other, and unlock; its loads and
 * stores are steps of their own. Between two turns it answers what it is asked,
 * and once more when it has nothing left to run (rt_home_close). The foreigner
 * asks, waits for the answer, then uses compare-and-swaps as everybody does.
 *
 * Checked: never two inside; the foreigner is answered.
 *
 * Faults that must be found: FAULT_TAKEN (the foreigner makes the mutex shared
 * by itself), FAULT_NO_CLOSE (an executor that ends leaves requests).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TURNS 6

bool is_shared = false;
bool locked = false;
bool is_asked = false;
bool is_open = true; /* the home is in the list of homes */
byte inside = 0;
bool holds[2]; /* the home's tasks */

inline enter() { inside++; assert(inside == 1) }
inline leave() { inside--; }

inline answer()
{
    if
    :: is_asked -> is_shared = true; is_asked = false
    :: else -> skip
    fi
}

/* One turn of a task: to lock, in the way that `home` says, or to unlock. */
inline turn()
{
    if
    :: is_shared ->
        if
        :: holds[who] -> leave(); holds[who] = false; locked = false
        :: else ->
            if
            :: atomic { !locked -> locked = true };
                holds[who] = true; enter()
            :: locked -> skip
            fi
        fi
    :: else ->
        if
        :: holds[who] -> leave(); holds[who] = false; locked = false
        :: else ->
            if
            :: !locked -> locked = true; holds[who] = true; enter()
            :: locked -> skip
            fi
        fi
    fi
}

active proctype home()
{
    byte turns = 0;
    byte who = 0;

    do
    :: turns < TURNS || holds[0] || holds[1] ->
        answer();
        if
        :: who = 0
        :: who = 1
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
    od;
    atomic {
        is_open = false;
#ifndef FAULT_NO_CLOSE
        answer()
#endif
    }
}

active proctype foreigner()
{
#ifdef FAULT_TAKEN
    is_shared = true;
#else
    atomic {
        if
        :: is_open -> is_asked = true
        :: else -> is_shared = true
        fi
    };
    is_shared;
#endif
    atomic { !locked -> locked = true };
    enter();
    leave();
    locked = false
}
