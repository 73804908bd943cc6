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

struct arena_chunk;
struct shared;

/* A zeroed arena is empty and ready for use. */
struct arena {
    struct arena_chunk *chunk; /* the newest one; older ones are chained */
    size_t allocated;          /* bytes handed out since the last reset */
    /* Whence chunks come, if other processes are to read them (shared.h);
     * NULL: from malloc. It becomes NULL when all of it is taken. */
    struct shared *shared;
};

/* Zeroed memory, aligned for any type. A size of 0 is fine. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` zeroed elements; dies when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Moves `old` (of `old_size` bytes) to room for `new_size`, in place when it
 * was the last allocation. `old` may be NULL. */
void *arena_grow(struct arena *arena, void *old, size_t old_size,
                 size_t new_size);

/* Room that is written at once: it holds anything. */
void *arena_room(struct arena *arena, size_t size);

/* `size` bytes, as they are at `items`. */
void *arena_copy(struct arena *arena, const void *items, size_t size);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

/* Forgets every allocation and keeps the newest chunk for reuse. */
void arena_reset(struct arena *arena);

/* Gives all memory back; accepts a zeroed arena. What is shared is given back
 * by who opened that, and is neither reset nor finished. */
void arena_finish(struct arena *arena);

#endif
