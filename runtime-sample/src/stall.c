/*
 * A worker that has been in the same turn of the same task since it was first
 * seen so, for longer than the limit, does not come back by itself.
 *
 * Why it does not is read from the lock it waits for: the lock's word names its
 * holder, and a holder that is a task but runs on no worker is suspended.
 * Without a lock of ours, from its stack, which the worker writes down itself
 * in a signal's handler, and from what the kernel says that the thread does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stall.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "runtime.h"
#include "watch_report.h"
#include "watchdog.h"

/* Ignored by default, so that a late one does no harm. */
#define STACK_SIGNAL SIGURG

/* How long a worker may take to write its stack down. One that does not (as
 * TSan holds signals back) has none. */
#define STACK_AWAIT_MS 200

/* One at a time, of all watchdogs. */
static pthread_mutex_t stack_lock = PTHREAD_MUTEX_INITIALIZER;
static struct place stack_place;
static _Atomic bool stack_is_written;

static void stack_write(int signal)
{
    (void)signal;
    rt_place_here(&stack_place);
    atomic_store(&stack_is_written, true);
}

/* Where the worker is. It may cut a sleep of the worker short, which is late
 * anyway. */
static void stack_get(const struct worker *worker, struct place *place)
{
    struct sigaction action = {.sa_flags = SA_RESTART | SA_ONSTACK};
    const struct timespec pause = {.tv_nsec = (long)NS_PER_MS};
    struct sigaction previous;

    action.sa_handler = stack_write;
    pthread_mutex_lock(&stack_lock);
    atomic_store(&stack_is_written, false);
    sigaction(STACK_SIGNAL, &action, &previous);
    if (syscall(SYS_tgkill, getpid(), atomic_load(&worker->tid),
                STACK_SIGNAL) == 0)
        for (int i = 0; i < STACK_AWAIT_MS && !atomic_load(&stack_is_written);
             i++)
            nanosleep(&pause, NULL);
    if (atomic_load(&stack_is_written))
        *place = stack_place;
    sigaction(STACK_SIGNAL, &previous, NULL);
    pthread_mutex_unlock(&stack_lock);
}

/* Is the thread on a processor, or waiting for one? The state stands behind
 * the program's name, which may contain anything. */
static bool thread_is_running(int tid)
{
    char path[64];
    char text[256] = "";
    const char *state;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    file = fopen(path, "r");
    if (!file)
        return false;
    if (!fgets(text, sizeof text, file))
        text[0] = '\0';
    fclose(file);
    state = strrchr(text, ')');
    return state && strncmp(state, ") R", 3) == 0;
}

static bool runs_on_a_worker(const struct runtime *runtime, uint32_t holder)
{
    for (int i = 0; i < runtime->worker_count; i++) {
        const struct worker *worker = &runtime->workers[i];

        if (atomic_load(&worker->running_holder) == holder)
            return true;
    }
    return false;
}

/* NULL when the worker waits for no lock of ours. */
static const char *lock_cause(struct runtime *runtime,
                              const struct worker *worker, const char **rule)
{
    futex_lock *lock = atomic_load(&worker->waits_for);
    uint32_t running = atomic_load(&worker->running_holder);
    uint32_t holder = lock ? LOCK_HOLDER(atomic_load(lock)) : 0;

    if (holder == 0)
        return NULL;
    *rule = "blocking-lock-in-async";
    if (holder == running) {
        *rule = "self-deadlock";
        return "waits for a blocking mutex that its own task holds";
    }
    if ((holder & HOLDER_IS_TASK) && !runs_on_a_worker(runtime, holder)) {
        *rule = "blocking-lock-across-await";
        return "waits for a blocking mutex that a suspended task holds";
    }
    return "waits for a blocking mutex that is held elsewhere";
}

/* From the functions of the C library that the task is in. */
static const char *call_cause(const struct sighting *sighting,
                              const struct place *place, const char **rule)
{
    static const char *const conditions[] = {
        "pthread_cond_wait",
        "pthread_cond_timedwait",
        "pthread_cond_clockwait",
        "sem_wait",
        "sem_timedwait",
        "sem_clockwait",
        "cnd_wait",
        "cnd_timedwait",
        "pthread_barrier_wait",
        "pthread_join",
        "thrd_join",
        NULL,
    };
    static const char *const locks[] = {
        "pthread_mutex_lock",    "pthread_mutex_timedlock",
        "pthread_rwlock_rdlock", "pthread_rwlock_wrlock",
        "pthread_spin_lock",     "mtx_lock",
        "mtx_timedlock",         NULL,
    };

    if (rt_place_find(place, conditions)) {
        *rule = "condvar-wait-in-async";
        return "waits for what another thread has to signal";
    }
    if (rt_place_find(place, locks)) {
        *rule = "blocking-lock-in-async";
        return "waits for a lock of threads";
    }
    if (sighting->looks_running * 2 > sighting->looks) {
        *rule = "task-never-yields";
        return "runs a task that computes and does not yield";
    }
    *rule = "blocking-call-in-async";
    return "runs a task that sleeps in a call of the system";
}

static void stall_tell(struct watchdog *watchdog, const struct worker *worker,
                       const struct sighting *sighting, uint64_t stalled_ms)
{
    struct watch_report report = {.rule = NULL};
    const char *cause;

    stack_get(worker, &report.at);
    cause = lock_cause(watchdog->runtime, worker, &report.rule);
    if (!cause)
        cause = call_cause(sighting, &report.at, &report.rule);
    snprintf(report.text, sizeof report.text, "worker %d %s, for %llu ms",
             worker->index, cause, (unsigned long long)stalled_ms);
    rt_watchdog_tell(watchdog, &report);
}

void rt_stall_look(struct watchdog *watchdog, struct worker *worker,
                   struct sighting *sighting)
{
    uint64_t turn = atomic_load(&worker->turns);
    uint64_t now_ns = rt_now_ns();

    if (atomic_load(&worker->running_holder) == 0) {
        sighting->since_ns = 0;
        return;
    }
    if (sighting->since_ns == 0 || sighting->turn != turn) {
        *sighting = (struct sighting){.turn = turn, .since_ns = now_ns};
        return;
    }
    sighting->looks++;
    sighting->looks_running += thread_is_running(atomic_load(&worker->tid));
    if (sighting->is_told ||
        now_ns - sighting->since_ns < rt_watchdog_limit_ns(watchdog))
        return;
    sighting->is_told = true;
    stall_tell(watchdog, worker, sighting,
               (now_ns - sighting->since_ns) / NS_PER_MS);
}
