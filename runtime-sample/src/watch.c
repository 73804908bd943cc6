/*
 * Who holds what, in a watched program.
 *
 * A record for each lock that a task holds, found by the lock when it is given
 * back (maybe by another task) and by the task when that suspends or ends.
 * One lock guards all of it: this is for finding mistakes, not for speed. It is
 * none of pthread's, whose calls may be watched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base.h"
#include "runtime.h"
#include "watch_report.h"
#include "watchdog.h"

#define BUCKETS 256

struct watch_record {
    struct watch_record *next_in_bucket;
    struct watch_record *next_of_task;
    const void *lock;
    enum watch_kind kind;
    struct rt_task *task;
    uint64_t
        across_ns; /* so long was the task suspended with it, in the past */
    struct place taken;
    bool is_reported;
};

/* `wanted` is the lock that the task waits for; while it is set a suspension
 * is part of locking. `since_ns` is 0 while the task is not suspended. */
struct watch_task {
    struct watch_record *records;
    const void *wanted;
    uint64_t since_ns;
    struct place at;
};

_Atomic int rt_watch_count;

static futex_lock records_lock;
static struct watch_record *buckets[BUCKETS];

static struct watch_record **bucket_of(const void *lock)
{
    return &buckets[((uintptr_t)lock >> 4) % BUCKETS];
}

static struct rt_task *task_current(void)
{
    struct worker *worker = rt_worker_current();

    return worker && worker->runtime->watchdog ? worker->running : NULL;
}

static struct watch_task *watch_of(struct rt_task *task)
{
    if (!task->watch)
        task->watch = calloc(1, sizeof *task->watch);
    if (!task->watch)
        rt_die("no memory to watch a task");
    return task->watch;
}

/* With the records locked. */
static struct watch_record *record_find(const struct watch_task *watch,
                                        const void *lock)
{
    struct watch_record *record = watch ? watch->records : NULL;

    while (record && record->lock != lock)
        record = record->next_of_task;
    return record;
}

static void record_free(struct watch_record *record)
{
    struct watch_record **link = bucket_of(record->lock);

    while (*link != record)
        link = &(*link)->next_in_bucket;
    *link = record->next_in_bucket;
    link = &record->task->watch->records;
    while (*link != record)
        link = &(*link)->next_of_task;
    *link = record->next_of_task;
    free(record);
}

/* Readers may be let in twice, if no writer comes in between. */
void rt_watch_wants(const void *lock, enum watch_kind kind, bool is_forever)
{
    struct rt_task *task = task_current();
    struct watch_record *record;
    struct watch_report report = {.rule = "self-deadlock"};

    if (!task)
        return;
    futex_lock_acquire(&records_lock);
    watch_of(task)->wanted = lock;
    record = record_find(task->watch, lock);
    if (record && is_forever &&
        (kind != WATCH_ASYNC_SHARED || record->kind != WATCH_ASYNC_SHARED))
        report.taken = record->taken;
    else
        record = NULL;
    futex_lock_release(&records_lock);
    if (!record)
        return;
    rt_place_here(&report.at);
    snprintf(report.text, sizeof report.text,
             "a task waits for a lock that it holds");
    rt_watchdog_tell(task->runtime->watchdog, &report);
}

static void wanted_forget(struct rt_task *task)
{
    futex_lock_acquire(&records_lock);
    watch_of(task)->wanted = NULL;
    futex_lock_release(&records_lock);
}

void rt_watch_taken(const void *lock, enum watch_kind kind, int status)
{
    struct rt_task *task = task_current();
    struct watch_record *record;

    if (!task)
        return;
    if (status != 0) {
        wanted_forget(task);
        return;
    }
    record = calloc(1, sizeof *record);
    if (!record)
        rt_die("no memory to watch a lock");
    record->lock = lock;
    record->kind = kind;
    record->task = task;
    rt_place_here(&record->taken);
    futex_lock_acquire(&records_lock);
    watch_of(task)->wanted = NULL;
    record->next_of_task = task->watch->records;
    task->watch->records = record;
    record->next_in_bucket = *bucket_of(lock);
    *bucket_of(lock) = record;
    futex_lock_release(&records_lock);
}

/* A lock that readers share has several records: first who gives it. */
void rt_watch_given(const void *lock)
{
    struct rt_task *task = task_current();
    struct watch_record *record;

    futex_lock_acquire(&records_lock);
    record = task ? record_find(task->watch, lock) : NULL;
    if (!record)
        for (record = *bucket_of(lock); record && record->lock != lock;)
            record = record->next_in_bucket;
    if (record)
        record_free(record);
    futex_lock_release(&records_lock);
}

void rt_watch_suspends(struct rt_task *task)
{
    struct watch_report report = {.rule = "blocking-lock-across-await"};
    struct watch_task *watch = task->watch;
    struct watch_record *record;

    if (!watch || !watch->records)
        return;
    rt_place_here(&report.at);
    futex_lock_acquire(&records_lock);
    record = watch->records;
    while (record && (record->kind != WATCH_BLOCKING || record->is_reported))
        record = record->next_of_task;
    if (record) {
        record->is_reported = true;
        report.taken = record->taken;
    }
    if (!watch->wanted) {
        watch->since_ns = rt_now_ns();
        watch->at = report.at;
    }
    futex_lock_release(&records_lock);
    if (!record)
        return;
    snprintf(report.text, sizeof report.text,
             "a task suspends and holds a blocking lock");
    rt_watchdog_tell(task->runtime->watchdog, &report);
}

/* With the records locked: is the lock held for too long? Then what to say. */
static bool long_hold_find(struct watch_record *record, uint64_t limit_ns,
                           struct watch_report *report)
{
    const struct watch_task *watch = record->task->watch;
    uint64_t now_ns = rt_now_ns();
    uint64_t held_ns = record->across_ns;

    if (watch->since_ns != 0 && now_ns > watch->since_ns)
        held_ns += now_ns - watch->since_ns;
    if (record->kind == WATCH_BLOCKING || record->is_reported ||
        held_ns < limit_ns)
        return false;
    record->is_reported = true;
    *report = (struct watch_report){
        .rule = "async-lock-across-await",
        .at = watch->at,
        .taken = record->taken,
    };
    snprintf(report->text, sizeof report->text,
             "a task was suspended for %llu ms and held an async lock",
             (unsigned long long)(held_ns / NS_PER_MS));
    return true;
}

void rt_watch_resumes(struct rt_task *task)
{
    struct watchdog *watchdog = task->runtime->watchdog;
    struct watch_task *watch = task->watch;
    struct watch_report report;
    bool is_long = false;
    uint64_t suspended_ns;

    if (!watch || watch->since_ns == 0)
        return;
    futex_lock_acquire(&records_lock);
    suspended_ns = rt_now_ns() - watch->since_ns;
    watch->since_ns = 0;
    for (struct watch_record *record = watch->records; record && !is_long;
         record = record->next_of_task) {
        record->across_ns += suspended_ns;
        is_long =
            long_hold_find(record, rt_watchdog_limit_ns(watchdog), &report);
    }
    futex_lock_release(&records_lock);
    if (is_long)
        rt_watchdog_tell(watchdog, &report);
}

/* One at a time: to print is not for under the lock. */
void rt_watch_look(struct watchdog *watchdog)
{
    struct watch_report report;
    bool is_long;

    do {
        is_long = false;
        futex_lock_acquire(&records_lock);
        for (int i = 0; i < BUCKETS && !is_long; i++)
            for (struct watch_record *record = buckets[i]; record && !is_long;
                 record = record->next_in_bucket)
                if (record->task->runtime->watchdog == watchdog)
                    is_long = long_hold_find(
                        record, rt_watchdog_limit_ns(watchdog), &report);
        futex_lock_release(&records_lock);
        if (is_long)
            rt_watchdog_tell(watchdog, &report);
    } while (is_long);
}

void rt_watch_ends(struct rt_task *task)
{
    struct watch_report report = {.rule = "lock-leak"};
    struct watch_task *watch = task->watch;
    bool has_lock;

    if (!watch)
        return;
    futex_lock_acquire(&records_lock);
    has_lock = watch->records != NULL;
    while (watch->records) {
        report.taken = watch->records->taken;
        record_free(watch->records);
    }
    futex_lock_release(&records_lock);
    task->watch = NULL;
    free(watch);
    if (!has_lock)
        return;
    snprintf(report.text, sizeof report.text, "a task ends and keeps a lock");
    rt_watchdog_tell(task->runtime->watchdog, &report);
}

void rt_watch_tell(const char *rule, const char *text)
{
    struct rt_task *task = watch_is_on() ? task_current() : NULL;
    struct watch_report report = {.rule = rule};

    if (!task)
        return;
    rt_place_here(&report.at);
    snprintf(report.text, sizeof report.text, "%s", text);
    rt_watchdog_tell(task->runtime->watchdog, &report);
}

/* Threads have numbers of their own here: 0 is nobody's. */
static uint32_t thread_number(void)
{
    static _Atomic uint32_t last;
    static _Thread_local uint32_t number;

    if (number == 0)
        number = atomic_fetch_add(&last, 1) + 1;
    return number;
}

__attribute__((noinline)) struct rt_thread_bound rt_thread_bound_here(void)
{
    __asm__ volatile("" ::: "memory");
    return (struct rt_thread_bound){.thread = thread_number()};
}

__attribute__((noinline)) bool
rt_thread_bound_check(const struct rt_thread_bound *bound)
{
    __asm__ volatile("" ::: "memory");
    if (bound->thread == thread_number())
        return true;
    rt_watch_tell("thread-affine-across-await",
                  "a task uses on one thread what belongs to another");
    return false;
}
