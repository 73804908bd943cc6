/*
 * Mapping, pooling and unmapping of stacks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stack.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base.h"
#include "sanitizer.h"
#include "valgrind.h"

/* Enough for printf of floating point and a few levels of ordinary code; the
 * pages are only paid for when touched. */
#define STACK_SIZE_DEFAULT ((size_t)64 * 1024 * SANITIZER_STACK_FACTOR)
#define STACK_SIZE_MIN ((size_t)16 * 1024)

/* A frame this large is still caught when it is written to from its far end:
 * buffers of a few pages are common, larger ones belong elsewhere. */
#define GUARD_PAGES 4

/* Of Linux 6.13; the C library's headers may be older. */
#if !defined(MADV_GUARD_INSTALL)
#define MADV_GUARD_INSTALL 102
#endif

/* Of Linux 5.14. */
#if !defined(MADV_POPULATE_READ)
#define MADV_POPULATE_READ 22
#endif

/* A burst of tasks leaves this many stacks behind; more go back to the kernel
 * at once. With a page or two touched they are 4 to 8 MiB. */
#define SPARES_MAX 1024

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
    return (struct stack_spare *)(void *)stack_owner(stack) - 1;
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

/* Guards that are mappings, in this process. A process may have 65 530 mappings
 * (vm.max_map_count), a guard makes two of one, and the program wants some,
 * too. */
#define MAPPED_GUARDS_MAX 30000
static _Atomic int mapped_guards;

/* Looked at below a stack without a guard: frames are written to at their ends
 * at least, and few are larger. */
#define OVERRUN_ZONE 2048

/* Asked once: emulators say yes to any advice (qemu 7.2 does), and do nothing.
 * A page that is marked cannot be read. */
enum marks { MARKS_UNKNOWN, MARKS_WORK, MARKS_DO_NOT };
static _Atomic int marks;

static bool guard_mark(char *base, size_t size)
{
    if (atomic_load_explicit(&marks, memory_order_relaxed) == MARKS_DO_NOT ||
        madvise(base, size, MADV_GUARD_INSTALL) != 0)
        return false;
    if (atomic_load_explicit(&marks, memory_order_relaxed) == MARKS_UNKNOWN)
        atomic_store(&marks, madvise(base, size, MADV_POPULATE_READ) != 0
                                 ? MARKS_WORK
                                 : MARKS_DO_NOT);
    return atomic_load(&marks) == MARKS_WORK;
}

/* Since Linux 6.13 a guard is a mark in the page tables. Older kernels need a
 * mapping of its own for it. */
static void guard_install(struct stack *stack, char *base, size_t size)
{
    stack->is_guarded = guard_mark(base, size);
    stack->has_mapped_guard = false;
    if (stack->is_guarded)
        return;
    if (atomic_fetch_add(&mapped_guards, 1) < MAPPED_GUARDS_MAX)
        stack->has_mapped_guard = mprotect(base, size, PROT_NONE) == 0;
    stack->is_guarded = stack->has_mapped_guard;
    if (!stack->is_guarded)
        atomic_fetch_sub(&mapped_guards, 1);
}

/* Reading costs no memory: what was never written to is the kernel's page of
 * zeros. */
bool rt_stack_is_overrun(const struct stack *stack)
{
    const uint64_t *zone = (const void *)(stack->bottom - OVERRUN_ZONE);
    uint64_t found = 0;

    for (size_t i = 0; i < OVERRUN_ZONE / sizeof *zone; i++)
        found |= zone[i];
    return found != 0;
}

static void owner_link(struct stack_pool *pool, struct stack_owner *owner)
{
    valgrind_make_defined(owner, sizeof *owner);
    atomic_init(&owner->task, NULL);
    owner->previous = NULL;
    lock_acquire(&pool->owners_lock);
    owner->next = pool->owners;
    if (owner->next)
        owner->next->previous = owner;
    pool->owners = owner;
    lock_release(&pool->owners_lock);
}

static void owner_unlink(struct stack_pool *pool, struct stack_owner *owner)
{
    lock_acquire(&pool->owners_lock);
    if (owner->previous)
        owner->previous->next = owner->next;
    else
        pool->owners = owner->next;
    if (owner->next)
        owner->next->previous = owner->previous;
    lock_release(&pool->owners_lock);
}

void rt_stack_own(struct stack *stack, struct rt_task *task)
{
    atomic_store_explicit(&stack_owner(stack)->task, task,
                          memory_order_release);
}

/* Either we see that somebody searches, or they see that we are gone. */
void rt_stack_disown(struct stack_pool *pool, struct stack *stack,
                     const _Atomic bool *is_searched)
{
    atomic_store_explicit(&stack_owner(stack)->task, NULL,
                          memory_order_relaxed);
    rt_fence_light();
    if (!atomic_load_explicit(is_searched, memory_order_relaxed))
        return;
    lock_acquire(&pool->owners_lock);
    lock_release(&pool->owners_lock);
}

static bool stack_map(struct stack_pool *pool, struct stack *stack)
{
    size_t size = pool->size;
    size_t guard_size = GUARD_PAGES * page_size();
    char *base =
        mmap(NULL, size + guard_size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED)
        return false;
    guard_install(stack, base, guard_size);
    stack->bottom = base + guard_size;
    stack->size = size;
    stack->guard_size = guard_size;
    stack->valgrind_id = valgrind_stack_register(stack->bottom, size);
    owner_link(pool, stack_owner(stack));
    return true;
}

/* To take a stack out of a larger mapping may need one more than there is: the
 * memory at least goes back. */
static void stack_unmap(struct stack_pool *pool, struct stack *stack)
{
    size_t size;

    owner_unlink(pool, stack_owner(stack));
    valgrind_stack_deregister(stack->valgrind_id);
    if (stack->has_mapped_guard)
        atomic_fetch_sub(&mapped_guards, 1);
    size = stack->size + stack->guard_size;
    if (munmap(stack->bottom - stack->guard_size, size) != 0)
        madvise(stack->bottom - stack->guard_size, size, MADV_DONTNEED);
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
        return stack_map(pool, stack);
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
        stack_unmap(pool, stack);
    stack->bottom = NULL;
}

bool rt_stack_pool_has_spares(struct stack_pool *pool)
{
    bool has_spares;

    lock_acquire(&pool->lock);
    has_spares = pool->first_spare != NULL;
    lock_release(&pool->lock);
    return has_spares;
}

/* Unmapped, not only emptied: whole page tables go with them, and a stack that
 * is wanted again costs two system calls. */
void rt_stack_pool_trim(struct stack_pool *pool)
{
    struct stack_spare *spare;

    lock_acquire(&pool->lock);
    spare = pool->first_spare;
    pool->first_spare = NULL;
    pool->spares = 0;
    lock_release(&pool->lock);

    while (spare) {
        struct stack stack = spare->stack;

        spare = spare->next;
        stack_unmap(pool, &stack);
    }
}

void rt_stack_pool_finish(struct stack_pool *pool)
{
    rt_stack_pool_trim(pool);
}
