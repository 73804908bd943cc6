/*
 * Registering as a sleeper, sleeping, and waking.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "idle.h"

#include <assert.h>
#include <time.h>

#include "base.h"
#include "runtime.h"

/* Longer than the pauses of a busy server, shorter than anybody looks at the
 * memory of an idle one. */
#define TRIM_AFTER_MS 100

/* A wake-up across processors costs some 20 us altogether. */
#define WORTH_WAKING_NS UINT64_C(50000)
#define NAP_NS 100000

/* STEAL_MAX halved so often is 1. */
#define CAUTION_MAX 5

/* Returns whether the worker's place is at the poller. */
static bool sleeper_register(struct worker *worker)
{
    struct idle *idle = &worker->runtime->idle;
    bool is_at_poller;

    lock_acquire(&idle->lock);
    assert(!worker->idle.is_registered);
    worker->idle.is_registered = true;
    atomic_store(&worker->idle.woken, 0);
    is_at_poller = !idle->at_poller;
    if (is_at_poller) {
        idle->at_poller = worker;
    } else {
        worker->idle.next = idle->parked;
        idle->parked = worker;
    }
    atomic_fetch_add(&idle->sleepers, 1);
    lock_release(&idle->lock);
    return is_at_poller;
}

/* With the lock held. The worker is in the list or at the poller. */
static void sleeper_remove(struct idle *idle, struct worker *worker)
{
    struct worker **link = &idle->parked;

    assert(worker->idle.is_registered);
    worker->idle.is_registered = false;
    atomic_fetch_sub(&idle->sleepers, 1);
    if (idle->at_poller == worker) {
        idle->at_poller = NULL;
        return;
    }
    while (*link != worker)
        link = &(*link)->idle.next;
    *link = worker->idle.next;
}

/* Who was removed by a waker has been counted as searching by it, and, at the
 * poller, been kicked: that kick is this worker's to consume. */
static void sleeper_unregister(struct worker *worker, bool is_at_poller)
{
    struct idle *idle = &worker->runtime->idle;

    lock_acquire(&idle->lock);
    worker->is_searching = !worker->idle.is_registered;
    if (worker->idle.is_registered)
        sleeper_remove(idle, worker);
    lock_release(&idle->lock);
    if (worker->is_searching && is_at_poller)
        rt_poller_kick_consume(&worker->runtime->poller);
}

static bool shared_has_tasks(struct shared_queue *shared)
{
    bool has_tasks;

    lock_acquire(&shared->lock);
    has_tasks = shared->tasks.first != NULL;
    lock_release(&shared->lock);
    return has_tasks;
}

static bool may_sleep(struct runtime *runtime)
{
    if (atomic_load(&runtime->is_finished) ||
        shared_has_tasks(&runtime->shared))
        return false;
    for (int i = 0; i < runtime->worker_count; i++)
        if (!run_queue_is_empty(&runtime->workers[i].queue))
            return false;
    return true;
}

/* When to wake though nothing has happened: for the next timer, or earlier to
 * give stacks back that nobody has wanted for so long. */
static uint64_t sleep_deadline_ns(struct runtime *runtime, bool *is_for_trim)
{
    uint64_t timer_ns = rt_timers_earliest_ns(&runtime->timers);
    uint64_t trim_ns;

    *is_for_trim = rt_stack_pool_has_spares(&runtime->stacks);
    if (!*is_for_trim)
        return timer_ns;
    trim_ns = rt_now_ns() + TRIM_AFTER_MS * NS_PER_MS;
    *is_for_trim = trim_ns < timer_ns;
    return *is_for_trim ? trim_ns : timer_ns;
}

/* The events are handed out after unregistering, or each task that they make
 * ready would kick the poller that this worker has just left. */
static void sleep_at_poller(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    struct poller_event events[POLLER_BATCH];
    bool is_for_trim;
    uint64_t deadline_ns = sleep_deadline_ns(runtime, &is_for_trim);
    int count;

    if (!rt_ring_doze_begin(&runtime->ring))
        deadline_ns = 0;
    count = rt_poller_wait(&runtime->poller, deadline_ns, events);
    rt_ring_doze_end(&runtime->ring);
    sleeper_unregister(worker, true);
    if (is_for_trim && count == 0 && deadline_ns > 0 &&
        rt_now_ns() >= deadline_ns)
        rt_stack_pool_trim(&runtime->stacks);
    rt_sources_notify(events, count);
    rt_timers_fire(&runtime->timers);
}

static void sleep_parked(struct worker *worker)
{
    while (!atomic_load(&worker->idle.woken))
        rt_futex_wait(&worker->idle.woken, 0);
    sleeper_unregister(worker, false);
}

bool rt_idle_has_wasted(const struct worker *worker)
{
    return worker->idle.stolen > 0 &&
           worker->idle.wasted * 2 > worker->idle.stolen;
}

void rt_idle_note_steal(struct worker *worker, unsigned count)
{
    if (count == 0)
        return;
    worker->idle.stolen = count;
    worker->idle.wasted = 0;
}

void rt_idle_note_waste(void)
{
    struct worker *worker = rt_worker_current();

    if (worker)
        worker->idle.wasted++;
}

unsigned rt_idle_steal_most(struct worker *worker)
{
    unsigned most = STEAL_MAX >> worker->idle.caution;

    if (worker->idle.caution > 0)
        worker->idle.caution--;
    return most;
}

static bool needs_nap(const struct worker *worker)
{
    return rt_idle_has_wasted(worker) ||
           (worker->idle.stolen > 0 &&
            rt_now_ns() - worker->idle.resumed_ns < WORTH_WAKING_NS);
}

static void nap(void)
{
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = NAP_NS};

    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

static void sleep_until_woken(struct worker *worker)
{
    bool is_at_poller = sleeper_register(worker);

    if (!may_sleep(worker->runtime))
        sleeper_unregister(worker, is_at_poller);
    else if (is_at_poller)
        sleep_at_poller(worker);
    else
        sleep_parked(worker);
}

void rt_idle_sleep(struct worker *worker)
{
    rt_runtime_lives_return(worker);
    if (rt_idle_has_wasted(worker))
        worker->idle.caution = CAUTION_MAX;
    if (needs_nap(worker)) {
        rt_idle_search_end(worker, false);
        nap();
    } else {
        sleep_until_woken(worker);
    }
    worker->idle.stolen = 0;
    worker->idle.wasted = 0;
    worker->idle.resumed_ns = rt_now_ns();
}

/* A parked worker is preferred: the one at the poller already has a use. */
static void wake_one(struct runtime *runtime)
{
    struct idle *idle = &runtime->idle;
    struct worker *worker = idle->parked ? idle->parked : idle->at_poller;

    if (!worker)
        return;
    atomic_fetch_add(&idle->searchers, 1);
    if (worker == idle->at_poller) {
        sleeper_remove(idle, worker);
        rt_poller_kick(&runtime->poller);
        return;
    }
    sleeper_remove(idle, worker);
    atomic_store(&worker->idle.woken, 1);
    rt_futex_wake(&worker->idle.woken, 1);
}

void rt_idle_wake_one(struct runtime *runtime)
{
    struct idle *idle = &runtime->idle;

    if (atomic_load(&idle->searchers) > 0 || atomic_load(&idle->sleepers) == 0)
        return;
    lock_acquire(&idle->lock);
    if (atomic_load(&idle->searchers) == 0)
        wake_one(runtime);
    lock_release(&idle->lock);
}

void rt_idle_wake_poller(struct runtime *runtime)
{
    struct idle *idle = &runtime->idle;
    struct worker *worker;

    if (atomic_load(&idle->sleepers) == 0)
        return;
    lock_acquire(&idle->lock);
    worker = idle->at_poller;
    if (worker) {
        sleeper_remove(idle, worker);
        atomic_fetch_add(&idle->searchers, 1);
        rt_poller_kick(&runtime->poller);
    }
    lock_release(&idle->lock);
}

void rt_idle_wake_all(struct runtime *runtime)
{
    struct idle *idle = &runtime->idle;

    lock_acquire(&idle->lock);
    while (idle->parked || idle->at_poller)
        wake_one(runtime);
    lock_release(&idle->lock);
}

void rt_idle_search_begin(struct worker *worker)
{
    if (worker->is_searching)
        return;
    worker->is_searching = true;
    atomic_fetch_add(&worker->runtime->idle.searchers, 1);
}

void rt_idle_search_end(struct worker *worker, bool has_found)
{
    int searchers;

    if (!worker->is_searching)
        return;
    worker->is_searching = false;
    searchers = atomic_fetch_sub(&worker->runtime->idle.searchers, 1);
    if (has_found && searchers == 1)
        rt_idle_wake_one(worker->runtime);
}
