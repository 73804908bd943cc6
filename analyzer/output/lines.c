/*
 * Lines end where clang thinks they end, at LF, CR LF or CR alone; else
 * numbers would not fit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "output/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_BYTES_MAX = 8 << 20,   /* what input/ lets through */
    CACHE_BYTES_MAX = 64 << 20, /* a few dozen files and their headers */
};

/* O_NONBLOCK: what was a file may have become a FIFO. */
static bool file_read(struct arena *arena, const char *file, char **bytes,
                      size_t *length)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    ssize_t got = 1;

    *length = 0;
    if (fd < 0)
        return false;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode) || info.st_size < 0 ||
        info.st_size > FILE_BYTES_MAX) {
        close(fd);
        return false;
    }
    *bytes = arena_alloc(arena, (size_t)info.st_size);
    while (got && *length < (size_t)info.st_size) {
        got = read(fd, *bytes + *length, (size_t)info.st_size - *length);
        if (got < 0 && errno != EINTR)
            break;
        if (got > 0)
            *length += (size_t)got;
    }
    close(fd);
    return got >= 0;
}

static struct lines *lines_split(struct arena *arena, const char *bytes,
                                 size_t length)
{
    struct lines *lines = arena_alloc(arena, sizeof(*lines));
    size_t start = 0;

    for (size_t at = 0; at < length; at++) {
        struct line line = {bytes + start, at - start};

        if (bytes[at] != '\n' && bytes[at] != '\r')
            continue;
        vec_add(arena, &lines->items, line);
        if (bytes[at] == '\r' && at + 1 < length && bytes[at + 1] == '\n')
            at++;
        start = at + 1;
    }
    if (start < length) {
        struct line line = {bytes + start, length - start};

        vec_add(arena, &lines->items, line);
    }
    return lines;
}

const struct lines *lines_get(struct lines_cache *cache, const char *file)
{
    struct lines *lines = NULL;
    uint32_t index;
    size_t length;
    char *bytes;
    bool is_new;

    cache->known.arena = &cache->arena;
    index = *map_add_str(&cache->known, file, cache->read.count, &is_new);
    if (!is_new)
        return cache->read.items[index];
    if (file_read(&cache->arena, file, &bytes, &length))
        lines = lines_split(&cache->arena, bytes, length);
    vec_add(&cache->arena, &cache->read, lines);
    return lines;
}

const struct line *lines_find(const struct lines *lines, uint32_t number)
{
    if (!number || number > lines->items.count)
        return NULL;
    return &lines->items.items[number - 1];
}

void lines_cache_trim(struct lines_cache *cache)
{
    if (cache->arena.allocated > CACHE_BYTES_MAX)
        lines_cache_finish(cache);
}

void lines_cache_finish(struct lines_cache *cache)
{
    arena_finish(&cache->arena);
    *cache = (struct lines_cache){0};
}
