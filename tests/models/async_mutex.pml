/*
 * async_mutex.c: one compare-and-swap, and a queue under a lock of its own.
 *
 * Each locked instruction of the C code is one atomic step here; what is done
 * under the queue's lock is a sequence of steps between taking and giving it.
 * One task of three may give up whenever it waits, as rt_wait_time_out does.
 *
 * Checked: never two inside; no wake-up is lost (a task that waits when nothing
 * can move any more is an invalid end state); first come, first served (the
 * heir is the one that has waited longest); the mutex ends free and unwanted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TASKS 3
#define ROUNDS 2

mtype = { FREE, LOCKED, CONTENDED };
mtype = { IDLE, ADDED, CLAIMED, TIMED_OUT };

mtype state = FREE;
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
        owns = false
    :: wait[me] == CLAIMED -> owns = true
    fi;
    wait[me] = IDLE
}

inline lock()
{
    atomic {
        if
        :: state == FREE -> state = LOCKED; owns = true
        :: else -> owns = false
        fi
    };
    if
    :: owns -> skip
    :: else ->
        queue_acquire();
        atomic { /* mutex_take_or_mark: one successful exchange */
            if
            :: state == FREE -> state = LOCKED; owns = true
            :: else -> state = CONTENDED
            fi
        };
        if
        :: owns -> queue_release()
        :: else ->
            atomic {
                queue[queued] = me;
                queued++;
                linked[me] = true;
                ticket[me] = next_ticket;
                next_ticket++;
                wait[me] = ADDED
            };
            queue_release();
            wait_end()
        fi
    fi
}

/* Takes the first off the list until one can be claimed. */
inline hand_over()
{
    queue_acquire();
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
    :: queued == 0 -> state = LOCKED
    :: else -> skip
    fi;
    queue_release();
    if
    :: heir < TASKS -> ready[heir] = true
    :: else -> skip
    fi
}

inline unlock()
{
    do
    :: atomic { state == LOCKED -> state = FREE }; break
    :: atomic { state != LOCKED -> assert(state == CONTENDED) };
        hand_over();
        if
        :: heir < TASKS -> break
        :: else -> skip
        fi
    od
}

proctype task(byte me)
{
    bool owns;
    byte rounds = 0;
    byte heir = TASKS;
    byte first = 0;
    byte i = 0;

    do
    :: rounds < ROUNDS ->
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
    assert(state == FREE);
    assert(queued == 0)
}
