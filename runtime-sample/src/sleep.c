/*
 * rt_sleep_ms and the interval: a wait in no list, which only its timer ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base.h"
#include "rt/time.h"
#include "runtime.h"
#include "wait.h"

/* Sleeps beyond this (292 years) are for ever, and must not wrap around. */
#define SLEEP_MS_MAX (UINT64_MAX / NS_PER_MS / 2)

struct sleep {
    struct rt_wait wait;
    uint64_t deadline_ns;
};

/* Once the timer is set the task may go on, and `sleep` be gone. */
static bool sleep_commit(struct rt_task *task, void *arg)
{
    struct runtime *runtime = task->runtime;
    struct sleep *sleep = arg;

    sleep->wait.task = task;
    atomic_store_explicit(&sleep->wait.state, WAIT_ADDED, memory_order_relaxed);
    if (rt_timers_set(&runtime->timers, &sleep->wait.timer, sleep->deadline_ns))
        rt_idle_wake_poller(runtime);
    return true;
}

ASYNC static void sleep_until(uint64_t deadline_ns)
{
    struct sleep sleep = {.deadline_ns = deadline_ns};

    await rt_task_suspend(sleep_commit, &sleep);
}

ASYNC void rt_sleep_ms(uint64_t ms)
{
    if (ms == 0) {
        await rt_yield();
        return;
    }
    if (ms > SLEEP_MS_MAX)
        ms = SLEEP_MS_MAX;
    await sleep_until(rt_now_ns() + ms * NS_PER_MS);
}

void rt_interval_init(struct rt_interval *interval, uint64_t period_ms)
{
    if (period_ms == 0)
        period_ms = 1;
    if (period_ms > SLEEP_MS_MAX)
        period_ms = SLEEP_MS_MAX;
    interval->period_ns = period_ms * NS_PER_MS;
    interval->next_ns = rt_now_ns() + interval->period_ns;
}

ASYNC uint64_t rt_interval_tick(struct rt_interval *interval)
{
    uint64_t missed;

    if (rt_now_ns() < interval->next_ns)
        await sleep_until(interval->next_ns);
    else
        await rt_task_breathe();
    missed = (rt_now_ns() - interval->next_ns) / interval->period_ns;
    interval->next_ns += (missed + 1) * interval->period_ns;
    return missed;
}
