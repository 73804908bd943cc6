/*
 * futex_lock.c and futex_call.c: a lock in one word, freed by a plain store,
 * on which threads sleep.
 *
 * Memory is not sequentially consistent here. The store that frees the word is
 * the only plain one: it stays in its thread's buffer until that is emptied,
 * at any time, by the thread's next locked instruction, or by somebody who
 * makes all threads fence (membarrier). Each locked instruction, system call
 * and section under the lock of the calls is one step; the owner's load, store
 * and look for calls are three. A sleeper may be woken for no reason.
 *
 * Checked: never two inside; no wake-up is lost (a thread that sleeps when
 * nothing can move any more is an invalid end state); the lock ends free, and
 * without calls; nobody touches a word that a call does not keep alive.
 *
 * Faults that must be found: FAULT_NO_FENCE (who goes to sleep does not make
 * the others fence), FAULT_FENCE_FIRST (or does so before it calls),
 * FAULT_DEAF (the owner stores and does not look for calls), FAULT_UNMARKED
 * (who has slept takes the lock as if nobody else did), FAULT_TRUSTS (so does
 * who has marked the word and come too late to sleep), FAULT_DROPS (who hears a
 * call drops it, though the lock has another owner by now), FAULT_SILENT (who
 * hands the lock over wakes nobody), FAULT_TOUCHES (who has stored looks at the
 * word, called or not).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define THREADS 3
#define ROUNDS(who) (who == 0 -> 2 : 1)
#define SIGNALS 1

#define FREE 0
#define HELD 1
#define CONTENDED 2
#define STARVING 4
#define GIVEN 8

byte word = FREE;
bool buffered[THREADS]; /* the store of FREE */
bool called[THREADS];
bool asleep[THREADS];
byte inside = 0;
byte users = THREADS; /* threads that have not locked it for the last time */
bool is_freed = false;
byte signals = 0;

#define is_called (called[0] || called[1] || called[2])
#define nobody_sleeps (!asleep[0] && !asleep[1] && !asleep[2])

inline drain(who)
{
    if
    :: buffered[who] -> word = FREE; buffered[who] = false
    :: else -> skip
    fi
}

/* One of those who sleep, whichever, if there is one. */
inline futex_wake()
{
    atomic {
        drain(me);
        if
        :: asleep[0] -> asleep[0] = false
        :: asleep[1] -> asleep[1] = false
        :: asleep[2] -> asleep[2] = false
        :: nobody_sleeps -> skip
        fi
    }
}

/* Of `expected`, which is marked: false if the word is another one by now. */
inline futex_wait()
{
    atomic {
        if
        :: word == expected -> asleep[me] = true
        :: else -> skip
        fi;
        is_late = !asleep[me]
    };
    !asleep[me]
}

inline call()
{
    called[me] = true
}

inline fence_all()
{
#ifndef FAULT_NO_FENCE
    atomic { drain(0); drain(1); drain(2) }
#else
    skip
#endif
}

/* mark_and_call: the mark was not there before. */
inline call_for_wake()
{
#ifdef FAULT_FENCE_FIRST
    fence_all();
    call()
#else
    call();
    fence_all()
#endif
}

/* One compare-and-swap each; `seen` is what was found. */
inline take_or_mark()
{
    atomic {
        drain(me);
        seen = word;
        if
        :: seen == FREE -> word = HELD | extra; owns = true
        :: (seen & GIVEN) && has_slept -> word = HELD | CONTENDED; owns = true
        :: else ->
            word = seen | CONTENDED;
            if
            :: has_slept && !(seen & GIVEN) -> word = word | STARVING
            :: skip
            fi;
            expected = word
        fi
    }
}

inline lock()
{
    extra = 0;
    has_slept = false;
    atomic {
        drain(me);
        owns = (word == FREE);
        if
        :: owns -> word = HELD
        :: else -> skip
        fi
    };
    do
    :: owns -> break
    :: else ->
        take_or_mark();
        if
        :: owns -> skip
        :: else ->
            if
            :: !(seen & CONTENDED) -> call_for_wake()
            :: else -> skip
            fi;
            futex_wait();
            has_slept = true;
            extra = CONTENDED
#ifdef FAULT_UNMARKED
            ;
            extra = 0
#endif
#ifdef FAULT_TRUSTS
            ;
            extra = (is_late -> 0 : CONTENDED)
#endif
        fi
    od;
    called[me] = false
}

/* By an owner that has seen the mark. */
inline release_slowly()
{
    d_step { called[0] = false; called[1] = false; called[2] = false };
    atomic {
        drain(me);
        assert(word & HELD);
        if
        :: word & STARVING -> word = GIVEN | CONTENDED
        :: else -> word = FREE
        fi
    };
#ifdef FAULT_SILENT
    if
    :: !(word & GIVEN) -> futex_wake()
    :: else -> skip
    fi
#else
    futex_wake()
#endif
}

/* Under the lock of the calls: puts the mark back, or takes the lock if it is
 * free. */
inline hear()
{
    atomic {
        drain(me);
        must_release = false;
#ifdef FAULT_TOUCHES
        assert(!is_freed);
#endif
        if
        :: is_called ->
            assert(!is_freed);
            must_release = (word == FREE);
            word = (word == FREE -> HELD | CONTENDED : word | CONTENDED);
#ifdef FAULT_DROPS
            called[0] = false; called[1] = false; called[2] = false
#endif
        :: else -> skip
        fi
    };
    if
    :: must_release -> release_slowly()
    :: else -> skip
    fi
}

inline unlock()
{
    if
    :: !buffered[me] && !(word & CONTENDED) ->
        buffered[me] = true;
#ifdef FAULT_TOUCHES
        hear()
#else
#ifndef FAULT_DEAF
        if
        :: is_called -> hear()
        :: else -> skip
        fi
#else
        skip
#endif
#endif
    :: else -> release_slowly()
    fi
}

proctype thread(byte me)
{
    bool owns;
    bool has_slept;
    bool is_late;
    bool must_release;
    bool is_last = false;
    byte rounds = 0;
    byte seen;
    byte expected;
    byte extra;

    do
    :: rounds < ROUNDS(me) ->
        rounds++;
        lock();
        inside++;
        assert(inside == 1);
        inside--;
        if
        :: rounds == ROUNDS(me) -> users--; is_last = (users == 0)
        :: else -> skip
        fi;
        owns = false;
        unlock()
    :: else -> break
    od;
    if
    :: is_last -> is_freed = true
    :: else -> skip
    fi
}

/* Buffers are emptied, sooner or later; signals come. */
active proctype machine()
{
end:
    do
    :: atomic { buffered[0] -> drain(0) }
    :: atomic { buffered[1] -> drain(1) }
    :: atomic { buffered[2] -> drain(2) }
    :: atomic { asleep[0] && signals < SIGNALS -> signals++; asleep[0] = false }
    od
}

init
{
    atomic { run thread(0); run thread(1); run thread(2) };
    _nr_pr == 2 && !buffered[0] && !buffered[1] && !buffered[2];
    assert(word == FREE);
    assert(!is_called)
}
