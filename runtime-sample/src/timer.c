/*
 * The timing wheel.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "timer.h"

#include <assert.h>
#include <stddef.h>

#include "base.h"
#include "poller.h"
#include "wait.h"

#define SLOT_BITS 6
#define NEVER UINT64_MAX

static uint64_t tick_now(void)
{
    return rt_now_ns() / NS_PER_MS;
}

void rt_timers_init(struct timers *timers)
{
    *timers = (struct timers){.tick = tick_now()};
}

void rt_timers_finish(struct timers *timers)
{
    for (int level = 0; level < TIMER_LEVELS; level++)
        assert(timers->occupied[level] == 0);
    (void)timers;
}

static unsigned slot_number(uint64_t tick, int level)
{
    return (unsigned)(tick >> (SLOT_BITS * level)) % TIMER_SLOTS;
}

/* Into its slot, which depends on where the wheel is. */
static void timer_place(struct timers *timers, struct timer *timer)
{
    uint64_t differing = timer->tick ^ timers->tick;
    int level = (63 - __builtin_clzll(differing)) / SLOT_BITS;
    unsigned number = slot_number(timer->tick, level);
    struct timer_slot *slot;

    assert(timer->tick > timers->tick);
    assert(level < TIMER_LEVELS);
    slot = &timers->slots[level][number];
    timer->level = (uint8_t)level;
    timer->slot = (uint8_t)number;
    timer->next = NULL;
    timer->previous = slot->first ? slot->last : NULL;
    if (slot->first)
        slot->last->next = timer;
    else
        slot->first = timer;
    slot->last = timer;
    timers->occupied[level] |= UINT64_C(1) << number;
}

static void timer_unlink(struct timers *timers, struct timer *timer)
{
    struct timer_slot *slot = &timers->slots[timer->level][timer->slot];

    if (timer->previous)
        timer->previous->next = timer->next;
    else
        slot->first = timer->next;
    if (timer->next)
        timer->next->previous = timer->previous;
    else
        slot->last = timer->previous;
    if (!slot->first)
        timers->occupied[timer->level] &= ~(UINT64_C(1) << timer->slot);
}

/* The tick at which the next slot begins that has timers, and its level. */
static uint64_t next_slot(const struct timers *timers, int *level)
{
    for (*level = 0; *level < TIMER_LEVELS; (*level)++) {
        uint64_t occupied = timers->occupied[*level];
        int shift = SLOT_BITS * *level;
        uint64_t above;

        if (occupied == 0)
            continue;
        above = timers->tick >> shift >> SLOT_BITS << SLOT_BITS;
        return (above | (uint64_t)__builtin_ctzll(occupied)) << shift;
    }
    return NEVER;
}

bool rt_timers_set(struct timers *timers, struct timer *timer,
                   uint64_t deadline_ns)
{
    uint64_t before;
    uint64_t after;
    int level;

    assert(!timer->is_set);
    timer->is_set = true;
    timer->tick = (deadline_ns + NS_PER_MS - 1) / NS_PER_MS;
    lock_acquire(&timers->lock);
    if (timer->tick <= timers->tick) /* its tick has fired; so the next one */
        timer->tick = timers->tick + 1;
    before = next_slot(timers, &level);
    timer_place(timers, timer);
    after = next_slot(timers, &level);
    lock_release(&timers->lock);
    return after < before;
}

void rt_timers_cancel(struct timers *timers, struct timer *timer)
{
    lock_acquire(&timers->lock);
    if (timer->is_set) {
        timer_unlink(timers, timer);
        timer->is_set = false;
    }
    lock_release(&timers->lock);
}

uint64_t rt_timers_earliest_ns(struct timers *timers)
{
    uint64_t tick;
    int level;

    lock_acquire(&timers->lock);
    tick = next_slot(timers, &level);
    lock_release(&timers->lock);
    return tick == NEVER ? POLLER_FOREVER : tick * NS_PER_MS;
}

/* The wheel has come to the slot: what is due goes to `woken`, the rest of an
 * upper level's slot moves down. */
static void slot_empty(struct timers *timers, int level,
                       struct task_list *woken)
{
    unsigned number = slot_number(timers->tick, level);
    struct timer_slot *slot = &timers->slots[level][number];
    struct timer *timer = slot->first;

    slot->first = NULL;
    timers->occupied[level] &= ~(UINT64_C(1) << number);
    while (timer) {
        struct timer *next = timer->next;

        if (timer->tick > timers->tick) {
            timer_place(timers, timer);
        } else {
            timer->is_set = false;
            rt_wait_time_out(timer, woken);
        }
        timer = next;
    }
}

/* In two steps, as a task that is ready may at once set a timer. */
void rt_timers_fire(struct timers *timers)
{
    struct task_list woken = {0};
    uint64_t now = tick_now();
    uint64_t tick;
    int level;

    lock_acquire(&timers->lock);
    while ((tick = next_slot(timers, &level)) <= now) {
        timers->tick = tick;
        slot_empty(timers, level, &woken);
    }
    if (timers->tick < now)
        timers->tick = now;
    lock_release(&timers->lock);
    rt_task_list_ready(&woken);
}
