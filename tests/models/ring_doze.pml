/*
 * ring_uring.c and idle.c: the kernel tells of calls that have ended only while
 * somebody sleeps in the poller to be told.
 *
 * Two workers take turns at looking at the ring and sleeping, one of them in
 * the poller and the other parked. Either may be woken by the other at any time
 * (there was a task for it): one that was woken in the poller has left that
 * place for the other before it has said that it does not sleep any more. The
 * kernel writes that a call has ended, then looks whether it is to tell.
 *
 * Checked: no end stays in the ring while everybody sleeps (that is an invalid
 * end state).
 *
 * Faults that must be found: FAULT_LOOK_FIRST (who goes to sleep looks at the
 * ring before it asks to be told), FAULT_ONE (who wakes up asks not to be told,
 * whoever else sleeps), FAULT_TELL_FIRST (the kernel looks before it writes).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define ENDS 2
#define NOBODY 2
#define other (1 - _pid)

byte in_ring = 0;
byte taken = 0;
byte dozers = 0;
bool is_told = false;
bool event = false;
byte at_poller = NOBODY;
bool woken[2];

#define is_over (taken == ENDS)

/* The first two processes, so that 0 and 1 are their numbers. */
active [2] proctype worker()
{
    bool may_doze;
    bool is_in_poller;

    do
    :: is_over -> break
    :: else ->
        atomic { taken = taken + in_ring; in_ring = 0 };
        if
        :: atomic {
            !woken[other] -> woken[other] = true;
            if
            :: at_poller == other -> at_poller = NOBODY
            :: else -> skip
            fi }
        :: skip
        fi;
        atomic {
            woken[_pid] = false;
            is_in_poller = (at_poller == NOBODY);
            if
            :: is_in_poller -> at_poller = _pid
            :: else -> skip
            fi
        };
        if
        :: is_in_poller ->
#ifdef FAULT_LOOK_FIRST
            may_doze = (in_ring == 0);
#endif
            atomic { dozers++; is_told = true };
#ifndef FAULT_LOOK_FIRST
            may_doze = (in_ring == 0);
#endif
            if
            :: may_doze -> event || woken[_pid] || is_over
            :: else -> skip
            fi;
            event = false;
#ifdef FAULT_ONE
            atomic { dozers--; is_told = false };
#else
            atomic { dozers--; is_told = (dozers > 0) };
#endif
            atomic {
                if
                :: at_poller == _pid -> at_poller = NOBODY
                :: else -> skip
                fi
            }
        :: else -> woken[_pid] || is_over
        fi
    od
}

active proctype kernel()
{
    byte count = 0;
    bool must_tell;

    do
    :: count < ENDS ->
#ifdef FAULT_TELL_FIRST
        must_tell = is_told;
        in_ring++;
#else
        in_ring++;
        must_tell = is_told;
#endif
        if
        :: must_tell -> event = true
        :: else -> skip
        fi;
        count++
    :: else -> break
    od
}
