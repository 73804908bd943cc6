/*
 * A fiber: something that can be switched to. A task's own stack is one, a
 * worker thread's is another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_FIBER_H
#define RT_FIBER_H

#include "sanitizer.h"
#include "stack.h"
#include "switch.h"

/* `sp` is valid while the fiber is not running. `bottom` and `size` are the
 * bounds of its stack, as ASan wants them. */
struct fiber {
    void *sp;
    const void *bottom;
    size_t size;
    void *asan_fake_stack;
    void *tsan_fiber;
};

/* The calling thread's own stack becomes a fiber; nothing to undo. */
void rt_fiber_init_thread(struct fiber *fiber);

/* A new fiber that runs entry(arg, passed) on `stack` when first switched to.
 * entry must call rt_fiber_begin first and must end by switching away for ever
 * with rt_fiber_leave. */
void rt_fiber_init(struct fiber *fiber, const struct stack *stack,
                   switch_entry_fn *entry, void *arg);
void rt_fiber_begin(void);

/* Only after its last switch away. */
void rt_fiber_finish(struct fiber *fiber);

/* Saves the running fiber in `from` and runs `to`, which gets `passed`.
 * Returns what is passed by who switches back. */
SANITIZER_INLINE void *fiber_switch(struct fiber *from, struct fiber *to,
                                    void *passed)
{
    asan_switch_start(&from->asan_fake_stack, to->bottom, to->size);
    tsan_fiber_switch(to->tsan_fiber);
    passed = rt_switch(&from->sp, to->sp, passed);
    asan_switch_finish(from->asan_fake_stack);
    return passed;
}

/* As fiber_switch, for a `from` that will never be run again. */
_Noreturn void rt_fiber_leave(struct fiber *from, struct fiber *to,
                              void *passed);

#endif
