/*
 * Fibers: the bare switch, with the announcements that tools need around it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fiber.h"

#include <assert.h>
#include <pthread.h>

#include "base.h"
#include "sanitizer.h"

void rt_fiber_init_thread(struct fiber *fiber)
{
    pthread_attr_t attr;
    void *bottom;

    *fiber = (struct fiber){.tsan_fiber = tsan_fiber_current()};
    if (!SANITIZER_WANTS_BOUNDS)
        return;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        rt_die("cannot learn the bounds of a thread's stack");
    pthread_attr_getstack(&attr, &bottom, &fiber->size);
    pthread_attr_destroy(&attr);
    fiber->bottom = bottom;
}

void rt_fiber_init(struct fiber *fiber, const struct stack *stack,
                   switch_entry_fn *entry, void *arg)
{
    assert(stack->bottom);
    *fiber = (struct fiber){
        .sp = rt_switch_prepare(stack_owner(stack), entry, arg),
        .bottom = stack->bottom,
        .size = stack->size,
        .tsan_fiber = tsan_fiber_create(),
    };
}

void rt_fiber_begin(void)
{
    asan_switch_finish(NULL);
}

void rt_fiber_finish(struct fiber *fiber)
{
    tsan_fiber_destroy(fiber->tsan_fiber);
    fiber->tsan_fiber = NULL;
}

_Noreturn void rt_fiber_leave(struct fiber *from, struct fiber *to,
                              void *passed)
{
    asan_switch_start(NULL, to->bottom, to->size);
    tsan_fiber_switch(to->tsan_fiber);
    rt_switch(&from->sp, to->sp, passed);
    rt_die("a finished task was resumed");
}
