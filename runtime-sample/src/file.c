/*
 * Files: each call through the ring, or else as a job of the pool.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rt/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cancel.h"
#include "ring.h"
#include "runtime.h"

/* What a kernel takes in one call is a little more. */
#define TRANSFER_MAX ((size_t)1 << 30)

static ssize_t transfer_run(const struct file_call *call)
{
    if (call->kind == FILE_READ)
        return call->offset == FILE_POSITION
                   ? read(call->fd, call->buffer, call->size)
                   : pread(call->fd, call->buffer, call->size,
                           (off_t)call->offset);
    return call->offset == FILE_POSITION
               ? write(call->fd, call->buffer, call->size)
               : pwrite(call->fd, call->buffer, call->size,
                        (off_t)call->offset);
}

static ssize_t call_run(const struct file_call *call)
{
    switch (call->kind) {
    case FILE_OPEN:
        return open(call->path, call->flags, call->mode);
    case FILE_SYNC:
        return fsync(call->fd);
    case FILE_CLOSE:
        return close(call->fd);
    case FILE_READ:
    case FILE_WRITE:
        break;
    }
    return transfer_run(call);
}

/* A thread of the pool. A close that was interrupted has closed. */
static void *call_job(void *arg)
{
    struct file_call *call = arg;

    do {
        call->result = call_run(call);
        if (call->result < 0)
            call->result = -errno;
    } while (call->result == -EINTR && call->kind != FILE_CLOSE);
    return NULL;
}

ASYNC static ssize_t call_do(struct file_call call)
{
    struct runtime *runtime = rt_runtime_current();
    struct rt_join_handle *job;
    int status = call.kind == FILE_CLOSE ? 0 : await rt_cancel_point();

    if (!runtime || status != 0)
        return status != 0 ? status : -EPERM;
    if (await rt_ring_call(runtime, &call))
        return call.result;
    job = rt_spawn_blocking(call_job, &call);
    if (!job)
        return -ENOMEM;
    await rt_join(job, NULL);
    return call.result;
}

ASYNC int rt_file_open(const char *path, int flags, mode_t mode,
                       struct rt_file *file)
{
    ssize_t fd = await call_do((struct file_call){
        .kind = FILE_OPEN,
        .path = path,
        .flags = flags | O_CLOEXEC,
        .mode = mode,
    });

    if (fd < 0)
        return (int)fd;
    file->fd = (int)fd;
    return 0;
}

ASYNC static ssize_t transfer(enum file_call_kind kind, struct rt_file file,
                              void *buffer, size_t size, uint64_t offset)
{
    if (offset != FILE_POSITION && offset > INT64_MAX)
        return -EINVAL;
    return await call_do((struct file_call){
        .kind = kind,
        .fd = file.fd,
        .buffer = buffer,
        .size = size < TRANSFER_MAX ? size : TRANSFER_MAX,
        .offset = offset,
    });
}

ASYNC ssize_t rt_file_read(struct rt_file file, void *buffer, size_t size)
{
    return await transfer(FILE_READ, file, buffer, size, FILE_POSITION);
}

ASYNC ssize_t rt_file_write(struct rt_file file, const void *bytes, size_t size)
{
    return await transfer(FILE_WRITE, file, (void *)(uintptr_t)bytes, size,
                          FILE_POSITION);
}

ASYNC ssize_t rt_file_pread(struct rt_file file, void *buffer, size_t size,
                            uint64_t offset)
{
    if (offset == FILE_POSITION)
        return -EINVAL;
    return await transfer(FILE_READ, file, buffer, size, offset);
}

ASYNC ssize_t rt_file_pwrite(struct rt_file file, const void *bytes,
                             size_t size, uint64_t offset)
{
    if (offset == FILE_POSITION)
        return -EINVAL;
    return await transfer(FILE_WRITE, file, (void *)(uintptr_t)bytes, size,
                          offset);
}

ASYNC int rt_file_sync(struct rt_file file)
{
    return (int)await call_do(
        (struct file_call){.kind = FILE_SYNC, .fd = file.fd});
}

ASYNC int rt_file_close(struct rt_file file)
{
    return (int)await call_do(
        (struct file_call){.kind = FILE_CLOSE, .fd = file.fd});
}
