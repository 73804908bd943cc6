/*
 * rt_block_on: builds a runtime, runs it on this thread and its helpers, and
 * takes it down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/executor.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "runtime.h"
#include "watch.h"
#include "watchdog.h"

#define BLOCKING_THREADS_DEFAULT 64

/* As long as Tokio keeps them: jobs come in bursts, seconds apart. */
#define BLOCKING_IDLE_MS_DEFAULT 10000

/* More workers than this are a slip of the pen, not a machine. */
#define WORKERS_MAX 1024

/* A batch of tasks costs a worker one locked instruction. */
#define LIVES_AT_ONCE 256

static void workers_stop(struct runtime *runtime)
{
    atomic_store(&runtime->is_finished, true);
    rt_idle_wake_all(runtime);
}

static struct worker *worker_here(const struct runtime *runtime)
{
    struct worker *worker = rt_worker_current();

    return worker && worker->runtime == runtime ? worker : NULL;
}

void rt_runtime_live_add(struct runtime *runtime)
{
    struct worker *worker = worker_here(runtime);

    if (!worker) {
        atomic_fetch_add(&runtime->live, 1);
        return;
    }
    if (worker->lives == 0) {
        atomic_fetch_add(&runtime->live, LIVES_AT_ONCE);
        worker->lives = LIVES_AT_ONCE;
    }
    worker->lives--;
}

void rt_runtime_live_remove(struct runtime *runtime)
{
    struct worker *worker = worker_here(runtime);

    if (worker)
        worker->lives++;
    else if (atomic_fetch_sub(&runtime->live, 1) == 1)
        workers_stop(runtime);
}

void rt_runtime_lives_return(struct worker *worker)
{
    int64_t lives = worker->lives;

    worker->lives = 0;
    if (lives > 0 && atomic_fetch_sub(&worker->runtime->live, lives) == lives)
        workers_stop(worker->runtime);
}

/* What the environment says goes. With several workers a send by io_uring would
 * wait until its worker has run out of tasks, while another one, which the
 * answer could keep busy, is idle. */
static enum rt_io io_wish(const struct rt_config *config)
{
    static const char *const words[] = {"", "poll", "files", "ring"};
    const char *word = getenv(RT_IO_ENV);

    for (int i = 1; word && i < 4; i++)
        if (strcmp(word, words[i]) == 0)
            return (enum rt_io)i;
    if (config->io != RT_IO_DEFAULT)
        return config->io;
    return config->workers > 1 ? RT_IO_FILES : RT_IO_RING;
}

static int runtime_init(struct runtime *runtime, const struct rt_config *config)
{
    int count = config->workers > 1 ? config->workers : 1;
    int threads = config->blocking_threads;

    *runtime = (struct runtime){
        .worker_count = count,
        .is_drained = config->drain,
        .poller = {.epoll_fd = -1, .kick_fd = -1},
        .ring = {.wish = io_wish(config)},
    };
    rt_home_open(&runtime->home, count);
    rt_timers_init(&runtime->timers);
    rt_stack_pool_init(&runtime->stacks, config->stack_size);
    rt_blocking_pool_init(&runtime->pool, runtime,
                          threads > 0 ? threads : BLOCKING_THREADS_DEFAULT,
                          config->blocking_idle_ms > 0
                              ? config->blocking_idle_ms
                              : BLOCKING_IDLE_MS_DEFAULT);
    runtime->workers = calloc((size_t)count, sizeof *runtime->workers);
    if (!runtime->workers)
        return -ENOMEM;
    for (int i = 0; i < count; i++) {
        runtime->workers[i].runtime = runtime;
        runtime->workers[i].index = i;
        if (!rt_run_queue_init(&runtime->workers[i].queue, count > 1))
            return -ENOMEM;
    }
    return rt_poller_open(&runtime->poller);
}

/* No worker runs any more. Taking the shared queue's lock once lets a foreign
 * thread out that has just made the last task ready. */
static void runtime_finish(struct runtime *runtime)
{
    lock_acquire(&runtime->shared.lock);
    lock_release(&runtime->shared.lock);
    rt_blocking_pool_finish(&runtime->pool);
    rt_home_close(&runtime->home);
    rt_sources_finish(&runtime->sources);
    rt_ring_finish(&runtime->ring);
    rt_timers_finish(&runtime->timers);
    rt_stack_pool_finish(&runtime->stacks);
    rt_poller_close(&runtime->poller);
    for (int i = 0; runtime->workers && i < runtime->worker_count; i++)
        rt_run_queue_finish(&runtime->workers[i].queue);
    free(runtime->workers);
}

static void *worker_thread(void *arg)
{
    rt_worker_run(arg);
    return NULL;
}

/* Starts the workers but the first; on failure ends those it has started. */
static int workers_start(struct runtime *runtime)
{
    for (int i = 1; i < runtime->worker_count; i++) {
        struct worker *worker = &runtime->workers[i];
        int err = pthread_create(&worker->thread, NULL, worker_thread, worker);

        if (err != 0) {
            workers_stop(runtime);
            while (--i >= 1)
                pthread_join(runtime->workers[i].thread, NULL);
            return -err;
        }
    }
    return 0;
}

static void workers_join(struct runtime *runtime)
{
    for (int i = 1; i < runtime->worker_count; i++)
        pthread_join(runtime->workers[i].thread, NULL);
}

static int entry_spawn(struct runtime *runtime, rt_task_fn *entry, void *arg)
{
    struct rt_task *task = rt_task_make(runtime, entry, arg);

    if (!task)
        return -ENOMEM;
    task->is_first = true;
    rt_task_start(task);
    rt_detach(&task->handle);
    return 0;
}

int rt_block_on(const struct rt_config *config, rt_task_fn *entry, void *arg)
{
    static const struct rt_config config_default;
    struct watchdog watchdog;
    struct runtime runtime;
    int status;

    if (!config)
        config = &config_default;
    if (config->workers < 0 || config->workers > WORKERS_MAX ||
        config->blocking_threads < 0)
        return -EINVAL;
    if (rt_runtime_current()) {
        rt_watch_tell("block-on-in-async", "a task calls rt_block_on");
        return -EDEADLK;
    }
    rt_fence_prepare();
    status = runtime_init(&runtime, config);
    if (status != 0)
        goto finish_runtime;
    status = rt_watchdog_start(&watchdog, &runtime, config);
    if (status != 0)
        goto finish_runtime;
    status = workers_start(&runtime);
    if (status != 0)
        goto stop_watchdog;
    status = entry_spawn(&runtime, entry, arg);
    if (status == 0)
        rt_worker_run(&runtime.workers[0]);
    else
        workers_stop(&runtime);
    workers_join(&runtime);

stop_watchdog:
    rt_watchdog_stop(&watchdog);
finish_runtime:
    runtime_finish(&runtime);
    return status;
}
