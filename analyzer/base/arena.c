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
#include "base/pages.h"
#include "base/shared.h"

enum {
    FIRST_CHUNK = 4096,      /* a page: most func arenas never need more */
    LARGEST_CHUNK = 1 << 20, /* beyond it doubling only wastes the tail */
    SHORT_TEXT = 256,        /* longer ones are printed twice */
};

struct arena_chunk {
    struct arena_chunk *older;
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

/* From the chunk's start. */
static void chunk_use(struct arena *arena)
{
    struct arena_chunk *chunk = arena->chunk;

    arena->next = chunk->bytes;
    arena->end = chunk->bytes + chunk->size;
}

static void chunk_add(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = chunk_make(arena, size);

    chunk->older = arena->chunk;
    chunk->size = size;
    if (!arena->shared) /* the poison would outlive what was mapped there */
        ARENA_POISON(chunk->bytes, size);
    arena->chunk = chunk;
    chunk_use(arena);
}

void arena_chunk_add(struct arena *arena, size_t need)
{
    size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK;

    if (size > LARGEST_CHUNK)
        size = LARGEST_CHUNK;
    if (size < need)
        size = rounded_up(need);
    chunk_add(arena, size);
    if (!arena->shared && size >= LARGEST_CHUNK) /* smaller ones were filled */
        pages_want(arena->chunk->bytes, size);
}

void *arena_reserve(struct arena *arena, size_t size)
{
    if (arena->shared)
        return NULL;
    chunk_add(arena, rounded_up(size));
    return arena->chunk->bytes;
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
    if (!arena->chunk || arena->next != (unsigned char *)old + old_need)
        return false;
    if ((size_t)(arena->end - arena->next) < new_need - old_need)
        return false;
    arena->next += new_need - old_need;
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
        ARENA_UNPOISON(moved, new_size);
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

char *arena_concat(struct arena *arena, const char *one, const char *two,
                   const char *three)
{
    size_t first = strlen(one);
    size_t second = strlen(two);
    size_t third = strlen(three);
    char *text = arena_room(arena, first + second + third + 1);

    memcpy(text, one, first);
    memcpy(text + first, two, second);
    memcpy(text + first + second, three, third + 1);
    return text;
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
    chunk_use(arena);
    ARENA_POISON(newest->bytes, newest->size);
    arena->allocated = 0;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunk, arena->next, arena->allocated};
}

/* The newest ones, down to `last`. */
static void chunks_free(struct arena *arena, const struct arena_chunk *last)
{
    while (arena->chunk != last) {
        struct arena_chunk *chunk = arena->chunk;

        arena->chunk = chunk->older;
        ARENA_UNPOISON(chunk->bytes, chunk->size);
        free(chunk);
    }
}

void arena_return(struct arena *arena, struct arena_mark mark)
{
    assert(!arena->shared);
    chunks_free(arena, mark.chunk);
    arena->allocated = mark.allocated;
    arena->next = arena->end = mark.next;
    if (!mark.chunk)
        return;
    arena->end = mark.chunk->bytes + mark.chunk->size;
    ARENA_POISON(arena->next, (size_t)(arena->end - arena->next));
}

void arena_finish(struct arena *arena)
{
    assert(!arena->shared);
    chunks_free(arena, NULL);
    arena->next = arena->end = NULL;
    arena->allocated = 0;
}
