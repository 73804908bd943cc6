/*
 * The watchdog's thread: prints reports, and looks at the workers several times
 * per limit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watchdog.h"

#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "runtime.h"
#include "stall.h"
#include "watch.h"
#include "watch_report.h"

/* Looks per limit: a stall is noticed at most a fifth of the limit late. */
#define LOOKS_PER_LIMIT 5

/* Where nobody asked for a watchdog, in debug builds: long enough for a slow
 * machine with sanitizers. */
#define LIMIT_MS_DEBUG 2000

#if defined(NDEBUG)
#define IS_DEBUG_BUILD false
#else
#define IS_DEBUG_BUILD true
#endif

uint64_t rt_watchdog_limit_ns(const struct watchdog *watchdog)
{
    return watchdog->limit_ms * NS_PER_MS;
}

static bool was_told(struct watchdog *watchdog,
                     const struct watch_report *report)
{
    const struct place *place = report->at.count ? &report->at : &report->taken;
    const void *frame = report->rule;

    for (int i = 0; i < place->count; i++) /* a hash of the whole place */
        frame = (const char *)frame + (uintptr_t)place->frames[i] * 31;
    for (int i = 0; i < watchdog->told_count; i++)
        if (watchdog->told[i] == frame)
            return true;
    if (watchdog->told_count < TOLD_MAX)
        watchdog->told[watchdog->told_count++] = frame;
    return false;
}

/* _exit: a thread may hold whatever exit would wait for. */
static void report_settle(struct watchdog *watchdog,
                          const struct watch_report *report)
{
    if (watchdog->continues && was_told(watchdog, report))
        return;
    rt_report_print(report);
    if (!watchdog->continues)
        _exit(RT_WATCHDOG_EXIT);
}

static void watchdog_call(struct watchdog *watchdog)
{
    atomic_fetch_add(&watchdog->calls, 1);
    rt_futex_wake(&watchdog->calls, 1);
}

void rt_watchdog_tell(struct watchdog *watchdog, struct watch_report *report)
{
    if (pthread_equal(pthread_self(), watchdog->thread)) {
        report_settle(watchdog, report);
        return;
    }
    futex_lock_acquire(&watchdog->lock);
    report->next = watchdog->reports;
    watchdog->reports = report;
    futex_lock_release(&watchdog->lock);
    watchdog_call(watchdog);
    while (!atomic_load(&report->is_printed))
        rt_futex_wait(&report->is_printed, 0);
}

/* Whoever waits for a report keeps it where it is until it is printed. */
static void reports_print(struct watchdog *watchdog)
{
    struct watch_report *report;
    struct watch_report *next;

    futex_lock_acquire(&watchdog->lock);
    report = watchdog->reports;
    watchdog->reports = NULL;
    futex_lock_release(&watchdog->lock);
    for (; report; report = next) {
        next = report->next;
        report_settle(watchdog, report);
        atomic_store(&report->is_printed, 1);
        rt_futex_wake(&report->is_printed, 1);
    }
}

/* True when it is time to look again, false when the watchdog is to stop. */
static bool look_await(struct watchdog *watchdog)
{
    uint64_t pause_ns = rt_watchdog_limit_ns(watchdog) / LOOKS_PER_LIMIT;
    uint64_t until_ns = rt_now_ns() + pause_ns;
    uint64_t now_ns;

    do {
        uint32_t calls = atomic_load(&watchdog->calls);

        reports_print(watchdog);
        if (atomic_load(&watchdog->is_stopped))
            return false;
        now_ns = rt_now_ns();
        if (now_ns < until_ns)
            rt_futex_wait_ms(&watchdog->calls, calls,
                             (until_ns - now_ns) / NS_PER_MS + 1);
    } while (now_ns < until_ns);
    return true;
}

static void *watchdog_thread(void *arg)
{
    struct watchdog *watchdog = arg;
    struct runtime *runtime = watchdog->runtime;
    struct sighting *sightings =
        calloc((size_t)runtime->worker_count, sizeof *sightings);

    if (!sightings)
        rt_die("no memory for the watchdog");
    while (look_await(watchdog)) {
        for (int i = 0; i < runtime->worker_count; i++)
            rt_stall_look(watchdog, &runtime->workers[i], &sightings[i]);
        rt_watch_look(watchdog);
    }
    free(sightings);
    return NULL;
}

/* A number from the environment, or `value` if there is none. */
static uint32_t number_from_environment(const char *name, uint32_t value)
{
    const char *text = getenv(name);
    unsigned long number;
    char *end;

    if (!text || !*text)
        return value;
    number = strtoul(text, &end, 10);
    if (*end || number > UINT32_MAX)
        rt_die("%s='%s' is not a number", name, text);
    return (uint32_t)number;
}

static void settings_read(struct watchdog *watchdog,
                          const struct rt_config *config)
{
    bool is_asked_for = config->watchdog_ms != 0 || getenv(RT_WATCHDOG_ENV);
    bool continues = config->watchdog_continues || !is_asked_for;
    uint32_t limit_ms = config->watchdog_ms;

    if (limit_ms == 0 && IS_DEBUG_BUILD)
        limit_ms = LIMIT_MS_DEBUG;
    if (limit_ms == RT_WATCHDOG_OFF)
        limit_ms = 0;
    watchdog->limit_ms = number_from_environment(RT_WATCHDOG_ENV, limit_ms);
    watchdog->continues =
        number_from_environment(RT_WATCHDOG_CONTINUE_ENV, continues) != 0;
}

int rt_watchdog_start(struct watchdog *watchdog, struct runtime *runtime,
                      const struct rt_config *config)
{
    int err;

    *watchdog = (struct watchdog){.runtime = runtime};
    settings_read(watchdog, config);
    if (watchdog->limit_ms == 0)
        return 0;
    rt_place_prepare();
    err = pthread_create(&watchdog->thread, NULL, watchdog_thread, watchdog);
    if (err != 0)
        return -err;
    runtime->watchdog = watchdog;
    atomic_fetch_add(&rt_watch_count, 1);
    return 0;
}

void rt_watchdog_stop(struct watchdog *watchdog)
{
    if (watchdog->limit_ms == 0)
        return;
    atomic_fetch_sub(&rt_watch_count, 1);
    atomic_store(&watchdog->is_stopped, true);
    watchdog_call(watchdog);
    pthread_join(watchdog->thread, NULL);
}
