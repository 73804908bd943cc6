/*
 * Stacks for tasks: mapped memory with a guard below that nobody may touch,
 * and a pool that keeps the last ones warm until nobody has wanted them for a
 * while.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_STACK_H
#define RT_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "lock.h"

/* [bottom, bottom + size) is usable; the guard is below. A stack without
 * memory has bottom NULL. */
struct stack {
    char *bottom;
    size_t size;
    size_t guard_size;
    unsigned valgrind_id;
};

/* All stacks of a pool have the same size. Free ones are kept in a list whose
 * links are in the stacks themselves, so that keeping costs no memory. */
struct stack_pool {
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

/* The stack must not be in use any more. Leaves it without memory. */
void rt_stack_release(struct stack_pool *pool, struct stack *stack);

#endif
