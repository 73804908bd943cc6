/*
 * run_queue.c: one owner that adds and takes, two thieves that take half.
 *
 * Each load, store and compare-and-swap of the C code is one step. Tasks are
 * numbered in the order in which they are added, and the ring of two slots
 * grows to four while thieves read.
 *
 * Checked: every task is taken once, in order, by whoever takes it; none is
 * left when the owner has found the queue empty after its last addition.
 *
 * Faults that must be found: FAULT_READ_LATE (a thief reads its loot after it
 * has moved the top), FAULT_NO_CAS (the owner takes by a plain store),
 * FAULT_FULL (the owner overwrites the oldest task instead of growing).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define TASKS 4

byte top = 0;
byte bottom = 0;
byte ring = 0; /* which of the two is current */
byte taken[TASKS];

/* Ring r has 2 << r slots, from r * 8 on. */
byte slots[12];

#define slot(r, index) slots[(r) * 8 + (index) % (2 << (r))]

/* What was taken from `index` on was the `index`th task. */
inline taken_note(index, task)
{
    assert(task == index + 1);
    taken[index]++;
    assert(taken[index] == 1)
}

inline add()
{
    seen_top = top;
    if
    :: bottom + 1 - seen_top > (2 << ring) ->
#ifndef FAULT_FULL
        i = seen_top;
        do
        :: i < bottom -> slot(ring + 1, i) = slot(ring, i); i++
        :: else -> break
        od;
        ring++;
        i = 0
#else
        skip
#endif
    :: else -> skip
    fi;
    slot(ring, bottom) = bottom + 1;
    bottom++
}

inline take()
{
    has_taken = false;
    seen_top = top;
    do
    :: seen_top < bottom ->
        task = slot(ring, seen_top);
#ifdef FAULT_NO_CAS
        if
        :: top == seen_top ->
#else
        if
        :: atomic { top == seen_top ->
#endif
            top = seen_top + 1;
            taken_note(seen_top, task);
            has_taken = true
#ifndef FAULT_NO_CAS
            }; break
#else
            ; break
#endif
        :: else -> seen_top = top
        fi
    :: else -> break
    od
}

active proctype owner()
{
    byte seen_top = 0;
    byte task = 0;
    byte i = 0;
    bool has_taken;

    do
    :: bottom < TASKS -> add()
    :: bottom < TASKS -> take()
    :: bottom == TASKS -> break
    od;
    take();
    do
    :: has_taken -> take()
    :: else -> break
    od;
    assert(top == bottom)
}

inline loot_read()
{
    i = 0;
    do
    :: i < count -> loot[i] = slot(seen_ring, seen_top + i); i++
    :: else -> break
    od;
    i = 0
}

inline loot_note()
{
    do
    :: i < count -> taken_note(seen_top + i, loot[i]); i++
    :: else -> break
    od
}

active [2] proctype thief()
{
    byte seen_top;
    byte seen_bottom;
    byte seen_ring;
    byte count;
    byte loot[2];
    byte i = 0;

    seen_top = top;
    seen_bottom = bottom;
    count = (seen_bottom - seen_top + 1) / 2;
    if
    :: count == 0 -> goto done
    :: else -> seen_ring = ring
    fi;
#ifndef FAULT_READ_LATE
    loot_read();
#endif
    atomic {
        if
        :: top == seen_top -> top = seen_top + count
        :: else -> goto done
        fi;
#ifndef FAULT_READ_LATE
        loot_note();
#endif
    }
#ifdef FAULT_READ_LATE
    loot_read();
    loot_note();
#endif
done:
    skip
}
