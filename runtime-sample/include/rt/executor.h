/*
 * The executor: from a plain thread into the world of tasks, and back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_EXECUTOR_H
#define RT_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt/task.h"
#include "rt/watch.h"

/* How a process ends in which a task has used up its stack. One line on stderr
 * says which: the name of its first function where the program exports it
 * (-rdynamic), else file and offset for addr2line. */
#define RT_OVERFLOW_EXIT 87

/* What calls on sockets and files go through; see tcp.h and file.h. The default
 * is what was seen to be fastest: RT_IO_RING with one worker, RT_IO_FILES with
 * several (bench/README.md). Without io_uring (a kernel that has none or
 * forbids it, a build without liburing) all are RT_IO_POLL. The environment's
 * RT_IO, "poll", "files" or "ring", goes before what the program says. */
enum rt_io {
    RT_IO_DEFAULT,
    RT_IO_POLL,  /* epoll for sockets, threads of the pool for files */
    RT_IO_FILES, /* epoll for sockets, io_uring for files */
    RT_IO_RING   /* io_uring for both */
};
#define RT_IO_ENV "RT_IO"

/* A zeroed config is a good config: each field's 0 means its default. */
struct rt_config {
    int workers;          /* threads that run tasks; 0 and 1: the caller only */
    int blocking_threads; /* bound of the rt_spawn_blocking pool; default 64 */
    uint32_t blocking_idle_ms; /* its idle threads end then; default 10000 */
    size_t stack_size;    /* bytes for each task; default 64 KiB, see below */
    uint32_t watchdog_ms; /* 0: no watchdog, see watch.h */
    bool watchdog_continues; /* tell, and do not end the process */
    enum rt_io io;           /* see above */
    bool drain;              /* wait for all tasks; do not cancel them */
};

/*
 * Stacks do not grow: a task that needs more than stack_size is ended, with
 * the process, on the guard below its stack (RT_OVERFLOW_EXIT). For that the
 * runtime handles SIGSEGV from the first rt_block_on on; faults that are not
 * its own go to the handler that was there before. A frame of more than 16 KiB
 * may reach over the guard: compile with -fstack-clash-protection, or keep
 * large buffers elsewhere. A task gets its stack when it first runs; if the
 * kernel has no memory for it, the process ends with a line on stderr.
 *
 * A million tasks that wait fit in 4.3 GiB: each has a page of stack. Before
 * Linux 6.13 a guard is a mapping, of which a process has few: there only
 * 30 000 stacks have one, and those above are looked at when their task
 * suspends or ends, which finds most overflows, but later.
 */

/*
 * Runs entry(arg) as the first task. When that ends, all other tasks and jobs
 * are cancelled (see cancel.h), and the call returns when the last of them has
 * ended: no task is left behind. A task that does not listen, and a job that is
 * running, keep it from returning for so long. With `drain` nothing is
 * cancelled, and all tasks are waited for as they are.
 *
 * `config` may be NULL (one worker, all defaults) and is only read during the
 * call; `arg` is borrowed. The result of `entry` is dropped: answer through
 * `arg`.
 *
 * The calling thread blocks and serves as worker 0; the other workers are
 * threads that end before the call returns. Several threads may each run an
 * executor of their own at the same time.
 *
 * The runtime registers for membarrier(2) when the program starts. Where the
 * kernel refuses, locks cost more; a seccomp filter that the program installs
 * later has to allow it, or a contended async_mutex, or a cancellation, ends
 * the process with a line on stderr.
 *
 * Returns 0; -EINVAL for a negative count; -EDEADLK inside a task or a job
 * of the pool (call the function, or rt_spawn it); -ENOMEM, -EAGAIN or
 * -EMFILE when threads, memory or descriptors ran out before entry was run.
 */
int rt_block_on(const struct rt_config *config, rt_task_fn *entry, void *arg);

#endif
