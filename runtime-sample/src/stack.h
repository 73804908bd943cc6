/*
 * Stacks for tasks: mapped memory with a guard below that nobody may touch,
 * and a pool that keeps the last ones warm until nobody has wanted them for a
 * while.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_STACK_H
#define RT_STACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "lock.h"

struct rt_task;

/* [bottom, bottom + size) is usable; the guard is below. Without one the memory
 * there is zero until it is overrun. A stack without memory has bottom NULL. */
struct stack {
    char *bottom;
    size_t size;
    size_t guard_size;
    unsigned valgrind_id;
    bool is_guarded;
    bool has_mapped_guard; /* which is one of few */
};

/* Has a stack without a guard been overrun? For its task, when it suspends or
 * ends: late, and only likely to be found, but the kernel gives no more. */
bool rt_stack_is_overrun(const struct stack *stack);

/* At the top of each mapped stack: whose it is. The list is how tasks are found
 * that wait where nobody knows them; linked when a stack is mapped, not each
 * time it changes hands. */
struct stack_owner {
    struct stack_owner *next;
    struct stack_owner *previous;
    _Atomic(struct rt_task *) task;
};

#define STACK_OWNER_SIZE ((sizeof(struct stack_owner) + 63) / 64 * 64)

static inline struct stack_owner *stack_owner(const struct stack *stack)
{
    return (struct stack_owner *)(void *)(stack->bottom + stack->size -
                                          STACK_OWNER_SIZE);
}

/* All stacks of a pool have the same size. Free ones are kept in a list whose
 * links are in the stacks themselves, so that keeping costs no memory. */
struct stack_pool {
    lock_word owners_lock;
    struct stack_owner *owners;
    lock_word lock;
    size_t size;
    struct stack_spare *first_spare;
    int spares;
};

/* size 0: the default. Rounded up to pages. */
void rt_stack_pool_init(struct stack_pool *pool, size_t size);
void rt_stack_pool_finish(struct stack_pool *pool);

/* Is there anything to give back; and gives all free stacks back to the
 * kernel. Any thread. */
bool rt_stack_pool_has_spares(struct stack_pool *pool);
void rt_stack_pool_trim(struct stack_pool *pool);

/* False when the kernel gives no more memory or mappings. */
bool rt_stack_acquire(struct stack_pool *pool, struct stack *stack);

/* The stack is `task`'s, or nobody's any more: who was looking for owners has
 * then finished to, and `is_searched` says whether there may be one. */
void rt_stack_own(struct stack *stack, struct rt_task *task);
void rt_stack_disown(struct stack_pool *pool, struct stack *stack,
                     const _Atomic bool *is_searched);

/* The stack must not be in use any more. Leaves it without memory. */
void rt_stack_release(struct stack_pool *pool, struct stack *stack);

#endif
