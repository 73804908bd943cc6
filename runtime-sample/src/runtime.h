/*
 * One executor, and its workers.
 *
 * Each worker has a queue of ready tasks; what comes from outside goes into
 * the shared queue. A worker that finds neither searches the other workers'
 * queues, then sleeps: one of the sleepers in the poller, where it also watches
 * sockets and timers, the others on a futex. See idle.h for how nobody
 * oversleeps.
 *
 * Locks are taken in the order: shared queue or homes, then idle; all others
 * alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_RUNTIME_H
#define RT_RUNTIME_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "blocking_pool.h"
#include "futex_lock.h"
#include "idle.h"
#include "lock.h"
#include "mutex_home.h"
#include "poller.h"
#include "ring.h"
#include "run_queue.h"
#include "source.h"
#include "stack.h"
#include "task_list.h"
#include "timer.h"

struct watchdog;

/* `has_tasks` may be read without the lock, and then be wrong. */
struct shared_queue {
    lock_word lock;
    struct task_list tasks;
    _Atomic bool has_tasks;
};

/* The first group is the worker's own; the second is read by the watchdog. */
struct worker {
    struct runtime *runtime;
    struct fiber fiber;
    pthread_t thread;
    struct rt_task *running;
    struct rt_task *left; /* has been switched away from, not yet committed */
    rt_commit_fn *commit;
    void *commit_arg;
    int index;
    int turns_left;         /* of the running task, see rt_task_breathe */
    unsigned switches_left; /* until the next look at what is not queued */
    bool is_searching;
    struct rt_task *begins; /* taken from the queue, has to get a stack first */
    struct rt_task *first;  /* before all that are queued; or NULL */
    int firsts_left;        /* how many more may be */

    int64_t lives; /* counted in runtime->live, but for no task */
    struct rt_task *spare_tasks;
    int spare_task_count;
    _Atomic uint32_t *quiet; /* rt_thread_quiet of its thread */

    _Atomic int tid;                 /* of the kernel */
    _Atomic uint32_t running_holder; /* 0: in the scheduler */
    _Atomic uint64_t turns;          /* tasks entered so far */
    _Atomic(futex_lock *) waits_for; /* a blocking mutex */

    struct run_queue queue;
    struct idle_place idle; /* guarded by runtime->idle */
};

struct runtime {
    struct worker *workers;
    int worker_count;
    struct shared_queue shared;
    struct mutex_home home;
    struct idle idle;
    struct poller poller;
    struct timers timers;
    struct sources sources;
    struct ring ring;
    struct stack_pool stacks;
    struct blocking_pool pool;
    _Atomic int64_t live; /* tasks and jobs that have not finished, and more */
    _Atomic bool is_finished;   /* live came down to 0 */
    _Atomic bool is_cancelling; /* all tasks are asked to end */
    bool is_drained;            /* or they are waited for as they are */
    struct watchdog *watchdog;  /* or NULL */
};

/* Which worker is this thread, which runtime does it belong to? NULL for
 * foreign threads; threads of the blocking pool have a runtime only. A task may
 * be on another thread after each suspension, so the compiler must not remember
 * where a thread-local lies: it is read by assembly, or never inlined. */
struct runtime *rt_runtime_current(void);
void rt_thread_belongs_to(struct runtime *runtime, struct worker *worker);

#if defined(__x86_64__)
extern _Thread_local struct worker *rt_thread_worker;

static inline struct worker *rt_worker_current(void)
{
    struct worker *worker;

    __asm__ volatile("movq rt_thread_worker@gottpoff(%%rip), %0\n\t"
                     "movq %%fs:(%0), %0"
                     : "=r"(worker)
                     :
                     : "memory");
    return worker;
}
#else
struct worker *rt_worker_current(void);
#endif

/* The only worker of its executor: nobody takes tasks from its queue. */
static inline bool worker_is_alone(const struct worker *worker)
{
    return !worker->queue.has_thieves;
}

/* How often the running task may still go on without waiting, see
 * rt_task_breathe: takes some of its turns, false when none is left. */
bool rt_turns_take(int turns);

/* If nobody but the running task needs this worker: mutexes that are at home
 * here need not count rounds, see mutex_home.h. */
void rt_worker_quieten(void);

/* The life of a worker: returns when the runtime is finished. */
void rt_worker_run(struct worker *worker);

/* One more task or job; one less, and if it was the last, everybody stops. A
 * worker asks for many at a time and keeps what tasks give back, so that it
 * seldom needs a locked instruction; it returns them before it sleeps. */
void rt_runtime_live_add(struct runtime *runtime);
void rt_runtime_live_remove(struct runtime *runtime);
void rt_runtime_lives_return(struct worker *worker);

#endif
