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
#include "ring_op.h"
#include "runtime.h"

static ssize_t transfer_run(const struct ring_call *call)
{
    if (call->kind == RING_READ)
        return call->offset == RING_POSITION
                   ? read(call->fd, call->buffer, call->size)
                   : pread(call->fd, call->buffer, call->size,
                           (off_t)call->offset);
    return call->offset == RING_POSITION
               ? write(call->fd, call->buffer, call->size)
               : pwrite(call->fd, call->buffer, call->size,
                        (off_t)call->offset);
}

static ssize_t call_run(const struct ring_call *call)
{
    if (call->kind == RING_OPEN)
        return open(call->path, call->flags, call->mode);
    if (call->kind == RING_SYNC)
        return fsync(call->fd);
    if (call->kind == RING_CLOSE)
        return close(call->fd);
    return transfer_run(call);
}

/* A thread of the pool. A close that was interrupted has closed. */
static void *call_job(void *arg)
{
    struct ring_call *call = arg;

    do {
        call->result = call_run(call);
        if (call->result < 0)
            call->result = -errno;
    } while (call->result == -EINTR && call->kind != RING_CLOSE);
    return NULL;
}

/* Through the ring, to its end. */
struct file_op {
    struct ring_op op;
    struct ring *ring;
    lock_word lock;
    struct rt_wait_list waiters;
};

/* Once the lock is free the task may be gone, with `file`. */
static bool ring_commit(struct rt_task *task, void *arg)
{
    struct file_op *file = arg;
    struct ring *ring = file->ring;

    lock_acquire(&file->lock);
    rt_wait_add(&file->waiters, &file->op.wait, task);
    rt_ring_add(ring, &file->op);
    lock_release(&file->lock);
    rt_ring_look_now(ring);
    return true;
}

ASYNC static void call_by_ring(struct ring *ring, struct ring_call *call)
{
    struct file_op file = {.ring = ring};

    file.op = (struct ring_op){
        .call = call,
        .lock = &file.lock,
        .list = &file.waiters,
    };
    rt_ring_make_room(ring);
    rt_wait_init_shielded(&file.op.wait, WAIT_FOREVER);
    await rt_task_suspend(ring_commit, &file);
    (void)rt_wait_end(&file.op.wait, &file.lock, &file.waiters);
}

ASYNC static ssize_t call_do(struct ring_call call)
{
    struct runtime *runtime = rt_runtime_current();
    struct rt_join_handle *job;
    int status = call.kind == RING_CLOSE ? 0 : await rt_cancel_point();

    if (!runtime || status != 0)
        return status != 0 ? status : -EPERM;
    if (rt_in_task() && rt_ring_is_for_files(runtime)) {
        await call_by_ring(&runtime->ring, &call);
        return call.result;
    }
    job = rt_spawn_blocking(call_job, &call);
    if (!job)
        return -errno;
    await rt_join(job, NULL);
    return call.result;
}

ASYNC int rt_file_open(const char *path, int flags, mode_t mode,
                       struct rt_file *file)
{
    ssize_t fd = await call_do((struct ring_call){
        .kind = RING_OPEN,
        .path = path,
        .flags = flags | O_CLOEXEC,
        .mode = mode,
    });

    if (fd < 0)
        return (int)fd;
    file->fd = (int)fd;
    return 0;
}

ASYNC static ssize_t transfer(enum ring_kind kind, struct rt_file file,
                              void *buffer, size_t size, uint64_t offset)
{
    if (offset != RING_POSITION && offset > INT64_MAX)
        return -EINVAL;
    return await call_do((struct ring_call){
        .kind = kind,
        .fd = file.fd,
        .buffer = buffer,
        .size = ring_transfer_size(size),
        .offset = offset,
    });
}

ASYNC ssize_t rt_file_read(struct rt_file file, void *buffer, size_t size)
{
    return await transfer(RING_READ, file, buffer, size, RING_POSITION);
}

ASYNC ssize_t rt_file_write(struct rt_file file, const void *bytes, size_t size)
{
    return await transfer(RING_WRITE, file, (void *)(uintptr_t)bytes, size,
                          RING_POSITION);
}

ASYNC ssize_t rt_file_pread(struct rt_file file, void *buffer, size_t size,
                            uint64_t offset)
{
    if (offset == RING_POSITION)
        return -EINVAL;
    return await transfer(RING_READ, file, buffer, size, offset);
}

ASYNC ssize_t rt_file_pwrite(struct rt_file file, const void *bytes,
                             size_t size, uint64_t offset)
{
    if (offset == RING_POSITION)
        return -EINVAL;
    return await transfer(RING_WRITE, file, (void *)(uintptr_t)bytes, size,
                          offset);
}

ASYNC int rt_file_sync(struct rt_file file)
{
    return (int)await call_do(
        (struct ring_call){.kind = RING_SYNC, .fd = file.fd});
}

ASYNC int rt_file_close(struct rt_file file)
{
    return (int)await call_do(
        (struct ring_call){.kind = RING_CLOSE, .fd = file.fd});
}
