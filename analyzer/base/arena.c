/*
 * Arenas as chains of chunks, newest first. A chunk is at least as large as
 * the request that made it, and each next one doubles up to a limit, so that
 * a small run stays small and a large one makes few calls to malloc.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/shared.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define UNPOISON(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
#else
#define POISON(start, size) ((void)(start), (void)(size))
#define UNPOISON(start, size) ((void)(start), (void)(size))
#endif

enum {
    FIRST_CHUNK = 4096,      /* a page: most func arenas never need more */
    LARGEST_CHUNK = 1 << 20, /* beyond it doubling only wastes the tail */
    SHORT_TEXT = 256,        /* longer ones are printed twice */
};

struct arena_chunk {
    struct arena_chunk *older;
    size_t used;
    size_t size;
    _Alignas(max_align_t) unsigned char bytes[];
};

static size_t rounded_up(size_t size)
{
    const size_t align = _Alignof(max_align_t);

    if (size > SIZE_MAX / 2) /* leaves room for the chunk's own header */
        die("out of memory: an allocation of %zu bytes", size);
    return (size + align - 1) / align * align;
}

/* The chunks of an arena are all shared, or not all of it can be read. */
static struct arena_chunk *chunk_make(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = NULL;

    if (arena->shared)
        chunk = shared_take(arena->shared, sizeof(*chunk) + size);
    if (chunk)
        return chunk;
    if (arena->shared) {
        arena->shared = NULL;
        arena->chunk = NULL; /* it is not ours to free */
    }
    chunk = malloc(sizeof(*chunk) + size);
    if (!chunk)
        die("out of memory: an allocation of %zu bytes", size);
    return chunk;
}

static void chunk_add(struct arena *arena, size_t need)
{
    size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK;
    struct arena_chunk *chunk;

    if (size > LARGEST_CHUNK)
        size = LARGEST_CHUNK;
    if (size < need)
        size = need;
    chunk = chunk_make(arena, size);
    chunk->older = arena->chunk;
    chunk->used = 0;
    chunk->size = size;
    if (!arena->shared) /* the poison would outlive what was mapped there */
        POISON(chunk->bytes, size);
    arena->chunk = chunk;
}

void *arena_room(struct arena *arena, size_t size)
{
    size_t need = rounded_up(size);
    struct arena_chunk *chunk = arena->chunk;
    void *start;

    if (!chunk || chunk->size - chunk->used < need) {
        chunk_add(arena, need);
        chunk = arena->chunk;
    }
    start = chunk->bytes + chunk->used;
    chunk->used += need;
    arena->allocated += need;
    UNPOISON(start, size);
    return start;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_room(arena, size), 0, size);
}

void *arena_copy(struct arena *arena, const void *items, size_t size)
{
    return memcpy(arena_room(arena, size), items, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        die("out of memory: %zu elements of %zu bytes", count, size);
    return arena_alloc(arena, count * size);
}

static bool grow_in_place(struct arena *arena, const void *old, size_t old_need,
                          size_t new_need)
{
    struct arena_chunk *chunk = arena->chunk;

    if (!chunk || chunk->used < old_need)
        return false;
    if (chunk->bytes + chunk->used - old_need != old)
        return false;
    if (chunk->size - chunk->used < new_need - old_need)
        return false;
    chunk->used += new_need - old_need;
    arena->allocated += new_need - old_need;
    return true;
}

void *arena_grow(struct arena *arena, void *old, size_t old_size,
                 size_t new_size)
{
    unsigned char *moved = old;

    if (new_size <= old_size)
        return old;
    if (old &&
        grow_in_place(arena, old, rounded_up(old_size), rounded_up(new_size))) {
        UNPOISON(moved, new_size);
        memset(moved + old_size, 0, new_size - old_size);
        return moved;
    }
    moved = arena_room(arena, new_size);
    if (old_size)
        memcpy(moved, old, old_size);
    memset(moved + old_size, 0, new_size - old_size);
    return moved;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_room(arena, length + 1);

    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    char first[SHORT_TEXT];
    va_list again;
    int length;
    char *text;

    assert(format);
    va_copy(again, args);
    length = vsnprintf(first, sizeof(first), format, again);
    va_end(again);
    if (length < 0)
        BUG("a format that can't be printed: %s", format);
    if ((size_t)length < sizeof(first))
        return arena_strndup(arena, first, (size_t)length);
    text = arena_room(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *newest = arena->chunk;

    assert(!arena->shared);
    if (!newest)
        return;
    while (newest->older) {
        struct arena_chunk *older = newest->older;

        newest->older = older->older;
        free(older);
    }
    newest->used = 0;
    POISON(newest->bytes, newest->size);
    arena->allocated = 0;
}

void arena_finish(struct arena *arena)
{
    assert(!arena->shared);
    while (arena->chunk) {
        struct arena_chunk *chunk = arena->chunk;

        arena->chunk = chunk->older;
        UNPOISON(chunk->bytes, chunk->size);
        free(chunk);
    }
    arena->allocated = 0;
}
