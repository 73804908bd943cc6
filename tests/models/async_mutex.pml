/*
 * async_mutex.c and mutex_call.c: one compare-and-swap, freed by a plain store;
 * barging; and a queue under a lock of its own.
 *
 * Each locked instruction of the C code is one atomic step here; what is done
 * under the queue's lock is a sequence of steps between taking and giving it.
 * Task 0 may give up whenever it waits, as rt_wait_time_out does, and so the
 * mutex is handed over to it; the others are woken to try. One may lose once,
 * not twice as in C.
 *
 * Checked: never two inside; no wake-up is lost (a task that waits when nothing
 * can move any more is an invalid end state); waiters are served in the order
 * in which they came, also those who tried and lost; none loses more often than
 * the bound; the mutex ends free and unwanted.
 *
 * Faults that must be found: FAULT_STILL_WOKEN (a loser leaves WOKEN set),
 * FAULT_LOSER_LAST (a loser queues behind the others), FAULT_FORGET (WAITERS
 * is not set again for those who are left), FAULT_NO_HAND_OVER (who has lost
 * is only woken again), FAULT_DEAF (the owner stores and does not look for
 * calls), FAULT_TRUSTS (a waiter does not look again after it has called),
 * FAULT_LEAVES (who has called and gives up leaves the mutex busy), FAULT_ALONE
 * (or does not call for those who rely on that), FAULT_DROPS (who hears calls
 * drops them, though the mutex has another owner by now), FAULT_GIVES_WAY (one
 * gives way though nobody was woken).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TASKS 3
#define ROUNDS(who) (who == 2 -> 1 : 2)
#define LOSSES_MAX 1

mtype = { IDLE, ADDED, CLAIMED, TIMED_OUT };

bool locked = false; /* the four bits of the state */
bool waiters = false;
bool woken = false;
bool busy = false;
bool called[TASKS];
bit queue_lock = 0;
byte inside = 0;

/* The waiters in order, by number; a timed-out one stays until it or a claimer
 * takes it out. */
byte queue[TASKS];
byte queued = 0;
bool linked[TASKS];

/* Who came when, for the check of the order only. */
byte ticket[TASKS];
byte next_ticket = 0;

mtype wait[TASKS] = IDLE;
bool ready[TASKS];
bool is_owner[TASKS];
byte losses[TASKS];

#define is_oldest(who, other) \
    (wait[other] != ADDED || ticket[who] <= ticket[other])

inline queue_acquire() { atomic { queue_lock == 0 -> queue_lock = 1 } }
inline queue_release() { queue_lock = 0 }

/* With the queue locked. */
inline queue_remove(who)
{
    d_step {
        i = 0;
        do
        :: i < queued && queue[i] != who -> i++
        :: else -> break
        od;
        assert(i < queued);
        queued--;
        do
        :: i < queued -> queue[i] = queue[i + 1]; i++
        :: else -> break
        od;
        i = 0
    }
}

inline queue_add_first(who)
{
    d_step {
        i = queued;
        do
        :: i > 0 -> queue[i] = queue[i - 1]; i--
        :: else -> break
        od;
        queue[0] = who;
        queued++
    }
}

inline queue_add(who)
{
    d_step {
        queue[queued] = who;
        queued++;
        ticket[who] = next_ticket;
        next_ticket++
    }
}

/* lock_commit, with the queue locked by the task itself. */
inline wait_add()
{
    if
#ifndef FAULT_LOSER_LAST
    :: losses[me] > 0 -> queue_add_first(me)
#else
    :: losses[me] > 0 -> d_step { queue[queued] = me; queued++ }
#endif
    :: else -> queue_add(me)
    fi;
    linked[me] = true;
    wait[me] = ADDED;
    queue_release()
}

/* The owner may not have heard the call yet. Others that wait rely on it, so it
 * is left to the first of them; those who are to come must not find the mutex
 * busy if there is none. */
inline call_withdraw()
{
    queue_acquire();
    if
    :: called[me] ->
        if
        :: queued > 0 ->
#ifndef FAULT_ALONE
            called[queue[0]] = true;
#endif
            called[me] = false
        :: else ->
            called[me] = false;
#ifndef FAULT_LEAVES
            atomic {
                if
                :: locked && !woken -> busy = false; waiters = false
                :: else -> skip
                fi
            }
#else
            skip
#endif
        fi
    :: else -> skip
    fi;
    queue_release()
}

/* Woken, with the mutex or to try for it; or out of time. */
inline wait_end()
{
    atomic { ready[me] -> ready[me] = false };
    if
    :: wait[me] == TIMED_OUT ->
        queue_acquire();
        if
        :: linked[me] -> linked[me] = false; queue_remove(me)
        :: else -> skip
        fi;
        queue_release();
        call_withdraw();
        gives_up = true
    :: wait[me] == CLAIMED && is_owner[me] -> owns = true
    :: else ->
        losses[me]++;
        assert(losses[me] <= LOSSES_MAX)
    fi;
    wait[me] = IDLE;
    is_owner[me] = false
}

/* With the queue locked: mutex_take_or_mark. */
inline take_or_mark()
{
    atomic {
        was_busy = busy;
        if
        :: locked -> waiters = true; busy = true
        :: else -> locked = true; owns = true
        fi;
#ifndef FAULT_STILL_WOKEN
        if
        :: losses[me] > 0 -> woken = false
        :: else -> skip
        fi
#else
        if
        :: losses[me] > 0 && owns -> woken = false
        :: else -> skip
        fi
#endif
    }
}

/* With the queue locked: until it owns the mutex, or its owner will look. Who
 * gives way leaves it to the one who was woken, and not to wait for ever. */
inline take_or_call()
{
    do
#ifndef FAULT_GIVES_WAY
    :: waiters && woken && losses[me] == 0 -> break
#else
    :: losses[me] == 0 -> break
#endif
    :: true ->
        take_or_mark();
        if
        :: owns || was_busy || called[0] || called[1] || called[2] -> break
        :: else ->
            called[me] = true;
#ifdef FAULT_TRUSTS
            break
#else
            if
            :: waiters -> break
            :: else -> skip
            fi
#endif
        fi
    od
}

/* A busy mutex without waiters may cease to be so. */
inline barge()
{
    atomic {
        if
        :: !locked -> locked = true; owns = true
        :: !locked && busy && !waiters && !woken ->
            busy = false; locked = true; owns = true
        :: locked || (waiters && woken) -> owns = false
        fi
    }
}

inline lock()
{
    gives_up = false;
    barge();
    do
    :: owns || gives_up -> break
    :: else ->
        queue_acquire();
        take_or_call();
        if
        :: owns -> queue_release()
        :: else -> wait_add(); wait_end()
        fi
    od;
    called[me] = false;
    losses[me] = 0
}

/* An owner that has seen the marks will not overwrite them, nor will those who
 * come after it find the mutex other than busy: nobody needs to be called. */
inline calls_drop()
{
    d_step { called[0] = false; called[1] = false; called[2] = false }
}

/* Takes the first off the list until one can be claimed. */
inline pass_on()
{
    calls_drop();
    heir = TASKS;
    do
    :: queued > 0 && heir == TASKS ->
        first = queue[0];
        queue_remove(first);
        linked[first] = false;
        atomic {
            if
            :: wait[first] == ADDED ->
                assert(is_oldest(first, 0));
                assert(is_oldest(first, 1));
                assert(is_oldest(first, 2));
                wait[first] = CLAIMED;
                heir = first
            :: else -> skip
            fi
        }
    :: else -> break
    od;
    if
#ifndef FAULT_NO_HAND_OVER
    :: heir < TASKS && (heir == 0 || losses[heir] >= LOSSES_MAX) ->
#else
    :: heir < TASKS && heir == 0 ->
#endif
        is_owner[heir] = true
    :: else -> skip
    fi;
    atomic {
#ifndef FAULT_FORGET
        waiters = queued > 0;
#else
        waiters = false;
#endif
        if
        :: heir == TASKS -> skip
        :: heir < TASKS && is_owner[heir] -> skip
        :: else -> locked = false; woken = true
        fi
    }
}

/* The first branch is a compare-and-swap: it fails, and looks again, only if
 * the state has changed. */
inline unlock_slowly()
{
    do
    :: atomic { !waiters || woken -> assert(locked); locked = false }; break
    :: waiters && !woken ->
        queue_acquire();
        pass_on();
        queue_release();
        if
        :: heir < TASKS -> ready[heir] = true; break
        :: else -> skip
        fi
    od
}

/* Under the lock of the calls: puts back what the store has overwritten, and
 * takes the mutex if it is free. */
inline hear()
{
    atomic {
        must_pass_on = false;
#ifndef FAULT_DEAF
        if
        :: (called[0] || called[1] || called[2]) && !(waiters && busy) ->
            must_pass_on = !locked;
            locked = true;
            waiters = true;
            busy = true;
#ifdef FAULT_DROPS
            calls_drop()
#endif
        :: else -> skip
        fi
#endif
    }
}

inline unlock()
{
    if
    :: locked && !waiters && !woken && !busy ->
        atomic { locked = false; waiters = false; woken = false; busy = false };
        hear();
        if
        :: must_pass_on -> unlock_slowly()
        :: else -> skip
        fi
    :: else -> unlock_slowly()
    fi
}

proctype task(byte me)
{
    bool owns;
    bool gives_up;
    bool was_busy;
    bool must_pass_on;
    byte rounds = 0;
    byte heir = TASKS;
    byte first = 0;
    byte i = 0;

    do
    :: rounds < ROUNDS(me) ->
        rounds++;
        lock();
        if
        :: owns ->
            inside++;
            assert(inside == 1);
            inside--;
            owns = false;
            unlock()
        :: else -> skip
        fi
    :: else -> break
    od
}

/* The time of task 0 may run out whenever it waits. */
active proctype timer()
{
end:
    do
    :: atomic { wait[0] == ADDED -> wait[0] = TIMED_OUT; ready[0] = true }
    od
}

/* A task that is left waiting for ever is an invalid end state of its own. */
init
{
    atomic { run task(0); run task(1); run task(2) };
    _nr_pr == 2;
    assert(!locked);
    assert(!waiters);
    assert(!woken);
    assert(queued == 0)
}
