/*
 * Deadlines, in a hierarchical timing wheel (Varghese & Lauck, 1987).
 *
 * Time goes in ticks of a millisecond. A timer lies in the slot of the level
 * that is named by the highest group of six bits in which its tick differs
 * from the wheel's: setting and cancelling touch one slot, however many timers
 * there are. When the wheel comes to a slot of an upper level, its timers move
 * down. All timers of one level are due before any of the next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "lock.h"

#define TIMER_SLOTS 64
#define TIMER_LEVELS 8 /* 2^48 ms: more than the clock can count */

/* In the memory of who waits. Linked while it is set. */
struct timer {
    struct timer *next;
    struct timer *previous;
    uint64_t tick;
    uint8_t level;
    uint8_t slot;
    bool is_set;
};

struct timer_slot {
    struct timer *first;
    struct timer *last;
};

/* Every timer up to `tick` has fired. A bit of `occupied` is set if that slot
 * has timers; all under `lock`. */
struct timers {
    lock_word lock;
    uint64_t tick;
    uint64_t occupied[TIMER_LEVELS];
    struct timer_slot slots[TIMER_LEVELS][TIMER_SLOTS];
};

/* finish: no timer may be set any more. */
void rt_timers_init(struct timers *timers);
void rt_timers_finish(struct timers *timers);

/* Sets a timer for `deadline_ns`; equal ticks fire in the order in which they
 * were set. Returns whether the wheel now has to be looked at earlier than
 * before: who sleeps in the poller then sleeps too long. */
bool rt_timers_set(struct timers *timers, struct timer *timer,
                   uint64_t deadline_ns);

/* Nothing fires the timer any more on return; accepts one that is not set. */
void rt_timers_cancel(struct timers *timers, struct timer *timer);

/* When to look at the wheel again, or POLLER_FOREVER. */
uint64_t rt_timers_earliest_ns(struct timers *timers);

/* When a sleep that begins now is over; see sleep.c. */
uint64_t rt_sleep_deadline_ns(uint64_t ms);

/* Ends the waits (see wait.h) whose time has come, earliest first. */
void rt_timers_fire(struct timers *timers);

#endif
