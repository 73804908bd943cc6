/*
 * rt_sleep_ms and the interval: a wait in no list, which only its timer ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base.h"
#include "cancel.h"
#include "future.h"
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
    struct sleep *sleep = arg;

    return rt_wait_add_timer(&sleep->wait, task, sleep->deadline_ns);
}

ASYNC static int sleep_until(uint64_t deadline_ns)
{
    struct sleep sleep = {.deadline_ns = deadline_ns};
    int status = await rt_cancel_point();

    if (status != 0)
        return status;
    rt_wait_init(&sleep.wait, WAIT_FOREVER);
    await rt_task_suspend(sleep_commit, &sleep);
    return rt_wait_end_timer(&sleep.wait);
}

uint64_t rt_sleep_deadline_ns(uint64_t ms)
{
    if (ms > SLEEP_MS_MAX)
        ms = SLEEP_MS_MAX;
    return rt_now_ns() + ms * NS_PER_MS;
}

ASYNC int rt_sleep_ms(uint64_t ms)
{
    if (ms == 0)
        return await rt_yield();
    return await sleep_until(rt_sleep_deadline_ns(ms));
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

ASYNC int64_t rt_interval_tick(struct rt_interval *interval)
{
    uint64_t missed;
    int status;

    if (rt_now_ns() < interval->next_ns) {
        status = await sleep_until(interval->next_ns);
    } else {
        await rt_task_breathe();
        status = await rt_cancel_point();
    }
    if (status != 0)
        return status;
    missed = (rt_now_ns() - interval->next_ns) / interval->period_ns;
    interval->next_ns += (missed + 1) * interval->period_ns;
    return (int64_t)missed;
}

static int future_try(struct rt_future *future)
{
    return rt_now_ns() >= future->number ? 0 : -EAGAIN;
}

static void future_begin(struct rt_future *future, struct rt_task *task)
{
    struct rt_wait *wait = FUTURE_ROOM(struct rt_wait, future);

    rt_future_wait_init(future, wait);
    rt_wait_timer_add(wait, task, future->number);
}

static int future_end(struct rt_future *future)
{
    struct rt_wait *wait = FUTURE_ROOM(struct rt_wait, future);

    return rt_future_wait_end(wait, NULL, NULL) ? 0 : -EAGAIN;
}

struct rt_future rt_sleep_future(uint64_t ms)
{
    static const struct rt_future_ops ops = {
        .try = future_try,
        .begin = future_begin,
        .end = future_end,
    };

    return rt_future_make(&ops, NULL, NULL, rt_sleep_deadline_ns(ms));
}
