/*
 * A thread that looks at the workers several times per limit. A worker that
 * has been in the same turn of the same task since it was first seen so, for
 * longer than the limit, does not come back by itself.
 *
 * Why it does not come back is read from the lock it waits for: the lock's
 * word names its holder, and a holder that is a task but runs on no worker is
 * suspended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watchdog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "rt/executor.h"
#include "runtime.h"

/* Looks per limit: a stall is noticed at most a fifth of the limit late. */
#define LOOKS_PER_LIMIT 5

/* What the watchdog knows of one worker. `since_ns` is when it first saw this
 * turn; 0 while the worker is in the scheduler. */
struct sighting {
    uint64_t turn;
    uint64_t since_ns;
};

static bool runs_on_a_worker(const struct runtime *runtime, uint32_t holder)
{
    for (int i = 0; i < runtime->worker_count; i++) {
        const struct worker *worker = &runtime->workers[i];

        if (atomic_load(&worker->running_holder) == holder)
            return true;
    }
    return false;
}

/* One line: the rule first, then what was seen. */
static void stall_print(struct runtime *runtime, const struct worker *worker,
                        uint64_t stalled_ms)
{
    futex_lock *lock = atomic_load(&worker->waits_for);
    uint32_t running = atomic_load(&worker->running_holder);
    uint32_t holder = lock ? atomic_load(lock) & ~LOCK_CONTENDED : LOCK_FREE;
    const char *rule = "blocking-lock-in-async";
    const char *cause = "waits for a blocking mutex that is held elsewhere";

    if (holder == LOCK_FREE) {
        rule = "blocking-call-in-async";
        cause = "runs a task that does not return to the scheduler";
    } else if (holder == running) {
        rule = "self-deadlock";
        cause = "waits for a blocking mutex that its own task holds";
    } else if ((holder & HOLDER_IS_TASK) &&
               !runs_on_a_worker(runtime, holder)) {
        rule = "blocking-lock-across-await";
        cause = "waits for a blocking mutex that a suspended task holds";
    }
    fprintf(stderr, "rt: watchdog: %s: worker %d %s, for %llu ms\n", rule,
            worker->index, cause, (unsigned long long)stalled_ms);
}

/* _exit: the stalled thread may hold whatever exit would wait for. */
static void worker_look(struct watchdog *watchdog, const struct worker *worker,
                        struct sighting *sighting)
{
    uint64_t turn = atomic_load(&worker->turns);
    uint64_t now_ns = rt_now_ns();
    uint64_t stalled_ms;

    if (atomic_load(&worker->running_holder) == 0) {
        sighting->since_ns = 0;
        return;
    }
    if (sighting->since_ns == 0 || sighting->turn != turn) {
        *sighting = (struct sighting){.turn = turn, .since_ns = now_ns};
        return;
    }
    stalled_ms = (now_ns - sighting->since_ns) / NS_PER_MS;
    if (stalled_ms < watchdog->limit_ms)
        return;
    stall_print(watchdog->runtime, worker, stalled_ms);
    _exit(RT_WATCHDOG_EXIT);
}

/* True when it is time to look again, false when the watchdog is to stop. */
static bool look_await(struct watchdog *watchdog)
{
    uint64_t pause_ns = watchdog->limit_ms * NS_PER_MS / LOOKS_PER_LIMIT;
    uint64_t until_ns = rt_now_ns() + pause_ns;
    struct timespec until = {
        .tv_sec = (time_t)(until_ns / (1000 * NS_PER_MS)),
        .tv_nsec = (long)(until_ns % (1000 * NS_PER_MS)),
    };
    bool is_time = false;

    pthread_mutex_lock(&watchdog->lock);
    while (!watchdog->is_stopped && !is_time)
        is_time = pthread_cond_timedwait(&watchdog->stop, &watchdog->lock,
                                         &until) == ETIMEDOUT;
    is_time = !watchdog->is_stopped;
    pthread_mutex_unlock(&watchdog->lock);
    return is_time;
}

static void *watchdog_thread(void *arg)
{
    struct watchdog *watchdog = arg;
    struct runtime *runtime = watchdog->runtime;
    struct sighting *sightings =
        calloc((size_t)runtime->worker_count, sizeof *sightings);

    if (!sightings)
        rt_die("no memory for the watchdog");
    while (look_await(watchdog))
        for (int i = 0; i < runtime->worker_count; i++)
            worker_look(watchdog, &runtime->workers[i], &sightings[i]);
    free(sightings);
    return NULL;
}

static uint32_t limit_from_environment(uint32_t limit_ms)
{
    const char *text = getenv(RT_WATCHDOG_ENV);
    unsigned long value;
    char *end;

    if (!text || !*text)
        return limit_ms;
    value = strtoul(text, &end, 10);
    if (*end || value > UINT32_MAX)
        rt_die("%s='%s' is not a number of milliseconds", RT_WATCHDOG_ENV,
               text);
    return (uint32_t)value;
}

int rt_watchdog_start(struct watchdog *watchdog, struct runtime *runtime,
                      uint32_t limit_ms)
{
    pthread_condattr_t attr;

    *watchdog = (struct watchdog){
        .runtime = runtime,
        .limit_ms = limit_from_environment(limit_ms),
    };
    if (watchdog->limit_ms == 0)
        return 0;
    pthread_mutex_init(&watchdog->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&watchdog->stop, &attr);
    pthread_condattr_destroy(&attr);
    return -pthread_create(&watchdog->thread, NULL, watchdog_thread, watchdog);
}

void rt_watchdog_stop(struct watchdog *watchdog)
{
    if (watchdog->limit_ms == 0)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->is_stopped = true;
    pthread_cond_signal(&watchdog->stop);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->stop);
    pthread_mutex_destroy(&watchdog->lock);
}
