/*
 * Arenas: memory named by who dies. `run` lives to the end of the program,
 * `unit` while one translation unit is looked at, `func` for one function.
 * Nothing is freed one by one; an allocation never fails (out of memory is
 * `die`); all memory comes back zeroed. An arena belongs to one thread and is
 * never locked. Under AddressSanitizer a reset poisons what it hands back, so
 * a stale pointer stops the test at its first use.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_ARENA_H
#define ASYNCLINT_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(start, size) ASAN_POISON_MEMORY_REGION(start, size)
#define ARENA_UNPOISON(start, size) ASAN_UNPOISON_MEMORY_REGION(start, size)
#else
#define ARENA_POISON(start, size) ((void)(start), (void)(size))
#define ARENA_UNPOISON(start, size) ((void)(start), (void)(size))
#endif

struct arena_chunk;
struct shared;

/* A zeroed arena is empty and ready for use. */
struct arena {
    struct arena_chunk *chunk; /* the newest one; older ones are chained */
    unsigned char *next;       /* what is free of it, up to … */
    unsigned char *end;
    size_t allocated; /* bytes handed out since the last reset */
    /* Whence chunks come, if other processes are to read them (shared.h);
     * NULL: from malloc. It becomes NULL when all of it is taken. */
    struct shared *shared;
};

/* Behind `arena_room`: a chunk with room for it. */
void arena_chunk_add(struct arena *arena, size_t size);

/* Room that is written at once: it holds anything. It is aligned for any type,
 * and a size of 0 is fine. Millions are asked for, so it is not a call. */
static inline void *arena_room(struct arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    unsigned char *start;
    size_t need;

    /* What is left is a multiple of `align`, so what is needed is no more. */
    if (!arena->chunk || size > (size_t)(arena->end - arena->next))
        arena_chunk_add(arena, size);
    need = (size + align - 1) / align * align;
    start = arena->next;
    arena->next += need;
    arena->allocated += need;
    ARENA_UNPOISON(start, size);
    return start;
}

/* The same, zeroed. */
static inline void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_room(arena, size), 0, size);
}

/* `size` bytes, as they are at `items`. */
static inline void *arena_copy(struct arena *arena, const void *items,
                               size_t size)
{
    return memcpy(arena_room(arena, size), items, size);
}

/* `count` zeroed elements; dies when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* The three, one behind the other. */
char *arena_concat(struct arena *arena, const char *one, const char *two,
                   const char *three);

/* Moves `old` (of `old_size` bytes) to room for `new_size`, in place when it
 * was the last allocation. `old` may be NULL. */
void *arena_grow(struct arena *arena, void *old, size_t old_size,
                 size_t new_size);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

/* Room for `size` bytes in one piece, from which the next ones come. Its pages
 * are not asked for: where it begins is returned to who has time for that
 * (pages_want). NULL: what is shared is not reserved. */
void *arena_reserve(struct arena *arena, size_t size);

/* Forgets every allocation and keeps the newest chunk for reuse. */
void arena_reset(struct arena *arena);

/* `arena_return` forgets what was allocated since `arena_mark`. */
struct arena_mark {
    struct arena_chunk *chunk;
    unsigned char *next;
    size_t allocated;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_return(struct arena *arena, struct arena_mark mark);

/* Gives all memory back; accepts a zeroed arena. What is shared is given back
 * by who opened that, and is neither reset nor finished. */
void arena_finish(struct arena *arena);

#endif
