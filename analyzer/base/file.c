/*
 * See file.h. A temporary name is made of the process and the time, so that
 * neither two processes nor two machines that share a disk collide.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool bytes_read(int fd, char *bytes, size_t length)
{
    size_t at = 0;

    while (at < length) {
        ssize_t got = read(fd, bytes + at, length - at);

        if (got < 0 && errno == EINTR)
            continue;
        if (!got)
            errno = EIO; /* it has become shorter */
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

bool file_read(int directory, const char *path, int flags, struct arena *arena,
               struct file_bytes *file)
{
    /* O_NONBLOCK: opening a FIFO would wait for its writer. */
    int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    struct stat info;
    bool is_read;
    int reason;

    if (fd < 0)
        return false;
    is_read = !fstat(fd, &info);
    if (is_read && !S_ISREG(info.st_mode)) {
        errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
        is_read = false;
    }
    if (is_read && (size_t)info.st_size > FILE_BYTES_MAX) {
        errno = EFBIG;
        is_read = false;
    }
    if (is_read) {
        file->length = (size_t)info.st_size;
        file->bytes = arena_room(arena, file->length + 1);
        file->bytes[file->length] = '\0';
        is_read = bytes_read(fd, file->bytes, file->length);
    }
    reason = errno;
    close(fd);
    errno = reason;
    return is_read;
}

const char *file_reason(void)
{
    return errno == EINVAL ? "it is not a regular file" : strerror(errno);
}

static bool bytes_write(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* A new file in the directory that `path` is in, and its name. */
static int temporary_open(int directory, const char *path, struct arena *arena,
                          const char **name)
{
    const char *slash = strrchr(path, '/');
    struct timespec now;
    int fd = -1;

    for (int attempt = 0; fd < 0 && attempt < 16; attempt++) {
        clock_gettime(CLOCK_REALTIME, &now);
        *name = arena_printf(arena, "%.*s.asynclint-%ld-%ld",
                             slash ? (int)(slash + 1 - path) : 0, path,
                             (long)getpid(), now.tv_nsec);
        fd = openat(directory, *name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

static bool temporary_fill(int directory, int fd, const char *temporary,
                           const struct file_bytes *file, const char *path)
{
    bool is_written = bytes_write(fd, file->bytes, file->length);
    int reason = errno;

    if (close(fd) && is_written) { /* where a network file system tells it */
        reason = errno;
        is_written = false;
    }
    if (is_written && !renameat(directory, temporary, directory, path))
        return true;
    if (is_written)
        reason = errno;
    unlinkat(directory, temporary, 0);
    errno = reason;
    return false;
}

bool file_replace(int directory, const char *path, const void *bytes,
                  size_t length, struct err *err)
{
    const struct file_bytes file = {(char *)(uintptr_t)bytes, length};
    struct arena scratch = {0};
    const char *temporary;
    struct stat info;
    bool is_done = false;
    int fd;

    if (!fstatat(directory, path, &info, 0) && !S_ISREG(info.st_mode))
        return err_set(err, "can't write '%s': it is no regular file", path);
    fd = temporary_open(directory, path, &scratch, &temporary);
    if (fd >= 0)
        is_done = temporary_fill(directory, fd, temporary, &file, path);
    if (!is_done)
        err_set(err, "can't write '%s': %s", path, strerror(errno));
    arena_finish(&scratch);
    return is_done;
}
