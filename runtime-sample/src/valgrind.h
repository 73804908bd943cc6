/*
 * What valgrind must be told about stacks, if its header was there when the
 * runtime was built; otherwise functions that do nothing. The requests cost a
 * few instructions where valgrind is not running.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_VALGRIND_H
#define RT_VALGRIND_H

#include <stddef.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#define RT_VALGRIND 1
#endif
#endif

#if defined(RT_VALGRIND)

#include <valgrind/memcheck.h>
#include <valgrind/valgrind.h>

static inline unsigned valgrind_stack_register(char *bottom, size_t size)
{
    return (unsigned)VALGRIND_STACK_REGISTER(bottom, bottom + size);
}

static inline void valgrind_stack_deregister(unsigned id)
{
    (void)id; /* the request is empty on machines valgrind does not know */
    VALGRIND_STACK_DEREGISTER(id);
}

/* Below the stack pointer nothing is addressable, says valgrind. */
static inline void valgrind_make_defined(void *memory, size_t size)
{
    (void)memory, (void)size;
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
}

#else

static inline unsigned valgrind_stack_register(char *bottom, size_t size)
{
    (void)bottom, (void)size;
    return 0;
}

static inline void valgrind_stack_deregister(unsigned id)
{
    (void)id;
}

static inline void valgrind_make_defined(void *memory, size_t size)
{
    (void)memory, (void)size;
}

#endif

#endif
