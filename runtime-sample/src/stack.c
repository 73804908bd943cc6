/*
 * Mapping, pooling and unmapping of stacks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stack.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sanitizer.h"
#include "valgrind.h"

/* Enough for printf of floating point and a few levels of ordinary code; the
 * pages are only paid for when touched. */
#define STACK_SIZE_DEFAULT ((size_t)64 * 1024 * SANITIZER_STACK_FACTOR)
#define STACK_SIZE_MIN ((size_t)16 * 1024)

/* A burst of tasks leaves this many stacks behind; more go back to the kernel.
 * 256 of 64 KiB are 16 MiB of addresses. */
#define SPARES_MAX 256

/* Lies at the top of a free stack, whose pages are warm there. */
struct stack_spare {
    struct stack_spare *next;
    struct stack stack;
};

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static struct stack_spare *spare_in(const struct stack *stack)
{
    return (struct stack_spare *)(void *)(stack->bottom + stack->size) - 1;
}

void rt_stack_pool_init(struct stack_pool *pool, size_t size)
{
    size_t page = page_size();

    if (size == 0)
        size = STACK_SIZE_DEFAULT;
    if (size < STACK_SIZE_MIN)
        size = STACK_SIZE_MIN;
    *pool = (struct stack_pool){
        .size = (size + page - 1) / page * page,
    };
}

static bool stack_map(struct stack *stack, size_t size)
{
    size_t page = page_size();
    char *base =
        mmap(NULL, size + page, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED)
        return false;
    if (mprotect(base, page, PROT_NONE) != 0) {
        munmap(base, size + page);
        return false;
    }
    stack->bottom = base + page;
    stack->size = size;
    stack->valgrind_id = valgrind_stack_register(stack->bottom, size);
    return true;
}

static void stack_unmap(struct stack *stack)
{
    size_t page = page_size();

    valgrind_stack_deregister(stack->valgrind_id);
    munmap(stack->bottom - page, stack->size + page);
}

bool rt_stack_acquire(struct stack_pool *pool, struct stack *stack)
{
    struct stack_spare *spare;

    lock_acquire(&pool->lock);
    spare = pool->first_spare;
    if (spare) {
        pool->first_spare = spare->next;
        pool->spares--;
    }
    lock_release(&pool->lock);

    if (!spare)
        return stack_map(stack, pool->size);
    *stack = spare->stack;
    return true;
}

void rt_stack_release(struct stack_pool *pool, struct stack *stack)
{
    struct stack_spare *spare;
    bool is_kept;

    assert(stack->bottom);
    asan_unpoison(stack->bottom, stack->size);
    spare = spare_in(stack);
    valgrind_make_defined(spare, sizeof *spare);
    spare->stack = *stack;

    lock_acquire(&pool->lock);
    is_kept = pool->spares < SPARES_MAX;
    if (is_kept) {
        spare->next = pool->first_spare;
        pool->first_spare = spare;
        pool->spares++;
    }
    lock_release(&pool->lock);

    if (!is_kept)
        stack_unmap(stack);
    stack->bottom = NULL;
}

void rt_stack_pool_finish(struct stack_pool *pool)
{
    while (pool->first_spare) {
        struct stack stack = pool->first_spare->stack;

        pool->first_spare = pool->first_spare->next;
        stack_unmap(&stack);
    }
    pool->spares = 0;
}
