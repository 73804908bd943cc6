/*
 * A worker's life: find a task, run it until it suspends, again; sleep when
 * there is none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>

#include "base.h"
#include "overflow.h"
#include "runtime.h"

/* Every so many tasks a busy worker looks at what is not in its queue: timers,
 * sockets, the shared queue. A prime, so as not to beat with programs. */
#define SWITCHES_PER_LOOK 61

/* At most so many tasks are stolen at a time; half of the queue if that is
 * less. Bounds how long the victim's queue is locked. */
#define STEAL_MAX 32

/* What this thread is to the runtime, see runtime.h. */
static _Thread_local struct worker *thread_worker;
static _Thread_local struct runtime *thread_runtime;

/* The empty asm keeps the compiler from finding out that these functions only
 * read memory, and from calling them once instead of twice. */
__attribute__((noinline)) struct worker *rt_worker_current(void)
{
    __asm__ volatile("" ::: "memory");
    return thread_worker;
}

__attribute__((noinline)) struct runtime *rt_runtime_current(void)
{
    __asm__ volatile("" ::: "memory");
    return thread_runtime;
}

__attribute__((noinline)) void rt_thread_belongs_to(struct runtime *runtime,
                                                    struct worker *worker)
{
    thread_runtime = runtime;
    thread_worker = worker;
}

__attribute__((noinline)) bool rt_turns_are_used_up(void)
{
    __asm__ volatile("" ::: "memory");
    return --thread_worker->turns_left <= 0;
}

/* Addresses are numbers that nobody has to hand out. Different tasks that are
 * alive differ in these bits unless they lie 16 GiB apart, and only the
 * watchdog's wording depends on it. */
static uint32_t holder_number(const void *address)
{
    return (uint32_t)((uintptr_t)address >> 4) << 2;
}

uint32_t rt_holder_of_task(const struct rt_task *task)
{
    return holder_number(task) | HOLDER_IS_TASK;
}

uint32_t rt_holder_current(void)
{
    struct worker *worker = rt_worker_current();

    if (worker && worker->running)
        return rt_holder_of_task(worker->running);
    return holder_number(&thread_worker) | 4U; /* never 0 */
}

static struct rt_task *queue_take(struct run_queue *queue)
{
    struct rt_task *task;

    lock_acquire(&queue->lock);
    task = task_list_take(&queue->tasks);
    lock_release(&queue->lock);
    return task;
}

static struct rt_task *own_queue_take(struct worker *worker)
{
    struct rt_task *task;

    worker_queue_lock(worker);
    task = task_list_take(&worker->queue.tasks);
    worker_queue_unlock(worker);
    return task;
}

/*
 * The task stays on the worker. If it is alone in the queue it is what this
 * worker runs next, soon; to wake another one would cost more than that, and
 * tasks that talk to one another would be torn apart.
 */
void rt_worker_queue_add(struct worker *worker, struct rt_task *task)
{
    int count;

    worker_queue_lock(worker);
    task_list_add(&worker->queue.tasks, task);
    count = worker->queue.tasks.count;
    worker_queue_unlock(worker);
    if (count > 1)
        rt_idle_wake_one(worker->runtime);
}

void rt_worker_queue_add_first(struct worker *worker, struct rt_task *task)
{
    worker_queue_lock(worker);
    task_list_add_first(&worker->queue.tasks, task);
    worker_queue_unlock(worker);
}

struct rt_task *rt_worker_next(struct worker *worker)
{
    if (worker->switches_left == 0)
        return NULL;
    worker->switches_left--;
    return own_queue_take(worker);
}

/* To ask the kernel costs as much as several switches of tasks. */
static void look_around(struct runtime *runtime)
{
    struct poller_event events[POLLER_BATCH];

    if (atomic_load_explicit(&runtime->sources.is_used, memory_order_relaxed))
        rt_sources_notify(events, rt_poller_wait(&runtime->poller, 0, events));
    rt_timers_fire(&runtime->timers);
}

static struct rt_task *next_task(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    struct rt_task *task;

    if (worker->switches_left == 0) {
        worker->switches_left = SWITCHES_PER_LOOK;
        look_around(runtime);
        task = queue_take(&runtime->shared);
        if (task)
            return task;
    }
    worker->switches_left--;
    task = own_queue_take(worker);
    return task ? task : queue_take(&runtime->shared);
}

/* The loot goes through a list of its own: two queues locked at a time would
 * need an order among workers. */
static struct rt_task *steal_from(struct worker *thief, struct worker *victim)
{
    struct task_list loot = {0};
    struct rt_task *task;
    int half;

    lock_acquire(&victim->queue.lock);
    half = (victim->queue.tasks.count + 1) / 2;
    task_list_move(&loot, &victim->queue.tasks,
                   half < STEAL_MAX ? half : STEAL_MAX);
    lock_release(&victim->queue.lock);

    task = task_list_take(&loot);
    if (loot.first) {
        lock_acquire(&thief->queue.lock);
        task_list_move(&thief->queue.tasks, &loot, loot.count);
        lock_release(&thief->queue.lock);
    }
    return task;
}

static struct rt_task *steal(struct worker *thief)
{
    struct runtime *runtime = thief->runtime;

    for (int step = 1; step < runtime->worker_count; step++) {
        int index = (thief->index + step) % runtime->worker_count;
        struct rt_task *task = steal_from(thief, &runtime->workers[index]);

        if (task)
            return task;
    }
    return NULL;
}

static struct rt_task *find_task(struct worker *worker)
{
    struct rt_task *task = next_task(worker);

    if (!task) {
        rt_idle_search_begin(worker);
        task = steal(worker);
    }
    rt_idle_search_end(worker, task != NULL);
    return task;
}

void rt_worker_run(struct worker *worker)
{
    struct overflow_stack overflow;

    rt_overflow_watch(&overflow);
    rt_thread_belongs_to(worker->runtime, worker);
    rt_fiber_init_thread(&worker->fiber);
    while (!atomic_load(&worker->runtime->is_finished)) {
        struct rt_task *task = find_task(worker);

        if (task)
            rt_task_run(task, worker);
        else
            rt_idle_sleep(worker);
    }
    rt_thread_belongs_to(NULL, NULL);
    rt_overflow_unwatch(&overflow);
}
