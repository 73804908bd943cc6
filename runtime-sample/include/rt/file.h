/*
 * Files for tasks: calls that may wait for a disk, without the worker waiting.
 *
 * They go through io_uring where the runtime was built with liburing and the
 * kernel lets us (looked up once for each executor; rt_config.io may say no),
 * else through the pool of rt_spawn_blocking, with the same results. All
 * suspend, and may be called by tasks only.
 *
 * Errors are those of the system's calls, and -EAGAIN or -ENOMEM when the pool
 * was needed and has no thread. What has been begun is brought to its end, as
 * the kernel uses the caller's memory for it: a cancelled task gets -ECANCELED
 * before a call, not within. rt_file_close closes in any case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FILE_H
#define RT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "rt/async.h"

/* A descriptor, which belongs to who opened it. A value, copied freely; closing
 * one copy closes all, and the number may then become another file's. */
struct rt_file {
    int fd;
};

/* As open(2), with O_CLOEXEC. The caller closes `file`. Returns 0 or a negative
 * errno. */
ASYNC int rt_file_open(const char *path, int flags, mode_t mode,
                       struct rt_file *file);

/* At the file's own position, which they move. Return how many bytes, 0 at the
 * end of the file (maybe fewer than `size`, never more than 1 GiB), or a
 * negative errno. Two tasks that use one position at a time get in each
 * other's way. */
ASYNC ssize_t rt_file_read(struct rt_file file, void *buffer, size_t size);
ASYNC ssize_t rt_file_write(struct rt_file file, const void *bytes,
                            size_t size);

/* The same at `offset`; the file's position stays as it is. */
ASYNC ssize_t rt_file_pread(struct rt_file file, void *buffer, size_t size,
                            uint64_t offset);
ASYNC ssize_t rt_file_pwrite(struct rt_file file, const void *bytes,
                             size_t size, uint64_t offset);

/* As fsync(2): what has been written is on the disk. 0 or a negative errno. */
ASYNC int rt_file_sync(struct rt_file file);

/* Closes the file, whatever it returns: 0 or a negative errno. */
ASYNC int rt_file_close(struct rt_file file);

#endif
