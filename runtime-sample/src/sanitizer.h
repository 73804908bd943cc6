/*
 * What sanitizers must be told about stacks, each as a function that is empty
 * when the tool is not there. All preprocessor conditionals about sanitizers
 * live here; valgrind has its own header.
 *
 * ASan keeps a shadow of each stack and, with fake stacks, a heap of frames
 * per stack; TSan keeps a call stack and a clock per fiber. Both take the
 * switch for corruption unless it is announced.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_SANITIZER_H
#define RT_SANITIZER_H

#include <stddef.h>

/* Never a function of its own: TSan would note its entry in one fiber and its
 * exit in the other. */
#define SANITIZER_INLINE static inline __attribute__((always_inline))

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RT_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define RT_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define RT_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define RT_TSAN 1
#endif

/* Instrumented frames are several times as large. */
#if defined(RT_ASAN) || defined(RT_TSAN)
#define SANITIZER_STACK_FACTOR 4
#else
#define SANITIZER_STACK_FACTOR 1
#endif

/* What finds mistakes finds fewer where memory and stacks are used again. */
#if defined(RT_ASAN) || defined(RT_TSAN)
#define SANITIZER_IS_ON 1
#else
#define SANITIZER_IS_ON 0
#endif

#if defined(RT_TSAN)
#define SANITIZER_IS_TSAN 1
#else
#define SANITIZER_IS_TSAN 0
#endif

/* Only ASan asks for the bounds of a worker's own stack, and the main thread's
 * cost a walk through /proc. */
#if defined(RT_ASAN)
#define SANITIZER_WANTS_BOUNDS 1
#else
#define SANITIZER_WANTS_BOUNDS 0
#endif

#if defined(RT_ASAN)

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

SANITIZER_INLINE void asan_unpoison(void *bottom, size_t size)
{
    __asan_unpoison_memory_region(bottom, size);
}

/* fake_stack NULL: the stack that is left will never run again. */
SANITIZER_INLINE void asan_switch_start(void **fake_stack, const void *bottom,
                                        size_t size)
{
    __sanitizer_start_switch_fiber(fake_stack, bottom, size);
}

SANITIZER_INLINE void asan_switch_finish(void *fake_stack)
{
    __sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
}

#else

SANITIZER_INLINE void asan_unpoison(void *bottom, size_t size)
{
    (void)bottom, (void)size;
}

SANITIZER_INLINE void asan_switch_start(void **fake_stack, const void *bottom,
                                        size_t size)
{
    (void)fake_stack, (void)bottom, (void)size;
}

SANITIZER_INLINE void asan_switch_finish(void *fake_stack)
{
    (void)fake_stack;
}

#endif

#if defined(RT_TSAN)

#include <sanitizer/tsan_interface.h>

SANITIZER_INLINE void *tsan_fiber_current(void)
{
    return __tsan_get_current_fiber();
}

SANITIZER_INLINE void *tsan_fiber_create(void)
{
    return __tsan_create_fiber(0);
}

SANITIZER_INLINE void tsan_fiber_destroy(void *fiber)
{
    __tsan_destroy_fiber(fiber);
}

/* Flag 0: what ran before on this thread happens before what runs now. */
SANITIZER_INLINE void tsan_fiber_switch(void *fiber)
{
    __tsan_switch_to_fiber(fiber, 0);
}

#else

SANITIZER_INLINE void *tsan_fiber_current(void)
{
    return NULL;
}

SANITIZER_INLINE void *tsan_fiber_create(void)
{
    return NULL;
}

SANITIZER_INLINE void tsan_fiber_destroy(void *fiber)
{
    (void)fiber;
}

SANITIZER_INLINE void tsan_fiber_switch(void *fiber)
{
    (void)fiber;
}

#endif

#endif
