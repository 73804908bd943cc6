/*
 * The kernel: the flags that say whether an allocation may sleep (their bits
 * are those of 6.x, and of all since 4.4 in what counts), guards, and macros
 * that define functions. The bundled runtime writes guard() as it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define __GFP_DIRECT_RECLAIM 0x400
#define __GFP_RECLAIM 0xc00
#define __GFP_WAIT 0x400
#define GFP_ATOMIC 0x820
#define GFP_NOWAIT 0x800
#define GFP_KERNEL 0xcc0
#define GFP_KERNEL_ACCOUNT 0x400cc0
#define GFP_NOIO 0xc00
#define GFP_NOFS 0xc40
#define GFP_USER 0x100cc0
#define GFP_HIGHUSER 0x100cc2
#define GFP_HIGHUSER_MOVABLE 0x100cca

#define GFP_DMA 0x1
#define GFP_DMA32 0x4
#define __GFP_DMA 0x1
#define __GFP_HIGHMEM 0x2
#define __GFP_DMA32 0x4
#define __GFP_ZERO 0x100
#define __GFP_HIGH 0x20
#define __GFP_IO 0x40
#define __GFP_FS 0x80
#define __GFP_COMP 0x40000
#define __GFP_NOWARN 0x2000
#define __GFP_NORETRY 0x10000
#define __GFP_NOFAIL 0x8000
#define __GFP_NOMEMALLOC 0x80000
#define __GFP_RETRY_MAYFAIL 0x4000

#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(pointer)                                                \
    (!(pointer) || (unsigned long)(pointer) >= (unsigned long)-4095)
#define PTR_ERR(pointer) ((long)(pointer))
#define ERR_PTR(error) ((void *)(long)(error))

#define BUG() __builtin_trap()
#define BUG_ON(condition)                                                      \
    do {                                                                       \
        if (condition)                                                         \
            __builtin_trap();                                                  \
    } while (0)

#define WARN_ON(condition) (!!(condition))
#define WARN_ON_ONCE(condition) (!!(condition))

#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))

#define ASYNCLINT_CLASS(name)                                                  \
    typedef long class_##name##_t;                                             \
    void class_##name##_destructor(long *);                                    \
    long class_##name##_constructor();
#define ASYNCLINT_JOIN_(a, b) a##b
#define ASYNCLINT_JOIN(a, b) ASYNCLINT_JOIN_(a, b)
ASYNCLINT_CLASS(mutex)
ASYNCLINT_CLASS(mutex_try)
ASYNCLINT_CLASS(mutex_intr)
ASYNCLINT_CLASS(mutex_kill)
ASYNCLINT_CLASS(spinlock)
ASYNCLINT_CLASS(spinlock_try)
ASYNCLINT_CLASS(spinlock_nested)
ASYNCLINT_CLASS(spinlock_bh)
ASYNCLINT_CLASS(spinlock_irq)
ASYNCLINT_CLASS(spinlock_irqsave)
ASYNCLINT_CLASS(raw_spinlock)
ASYNCLINT_CLASS(raw_spinlock_nested)
ASYNCLINT_CLASS(raw_spinlock_bh)
ASYNCLINT_CLASS(raw_spinlock_irq)
ASYNCLINT_CLASS(raw_spinlock_irqsave)
ASYNCLINT_CLASS(read_lock)
ASYNCLINT_CLASS(read_lock_irq)
ASYNCLINT_CLASS(read_lock_irqsave)
ASYNCLINT_CLASS(write_lock)
ASYNCLINT_CLASS(write_lock_irq)
ASYNCLINT_CLASS(write_lock_irqsave)
ASYNCLINT_CLASS(rwsem_read)
ASYNCLINT_CLASS(rwsem_write)
ASYNCLINT_CLASS(rwsem_write_kill)
ASYNCLINT_CLASS(rwsem_read_intr)
ASYNCLINT_CLASS(rwsem_read_try)
ASYNCLINT_CLASS(rwsem_write_try)
ASYNCLINT_CLASS(async_mutex)
ASYNCLINT_CLASS(async_rwlock_read)
ASYNCLINT_CLASS(async_rwlock_write)
ASYNCLINT_CLASS(blocking_mutex)
ASYNCLINT_CLASS(rcu)
ASYNCLINT_CLASS(srcu)
ASYNCLINT_CLASS(irq)
ASYNCLINT_CLASS(irqsave)
ASYNCLINT_CLASS(preempt)
ASYNCLINT_CLASS(preempt_notrace)
ASYNCLINT_CLASS(migrate)
ASYNCLINT_CLASS(device)
#define CLASS(name, var)                                                       \
    class_##name##_t var __attribute__((cleanup(class_##name##_destructor))) = \
        class_##name##_constructor
#define guard(name) CLASS(name, ASYNCLINT_JOIN(asynclint_scope_, __COUNTER__))
#define scoped_guard(name, ...)                                                \
    for (CLASS(name, asynclint_scope)(__VA_ARGS__), *asynclint_done = 0;       \
         !asynclint_done; asynclint_done = (void *)1)
#define scoped_cond_guard(name, fail, ...)                                     \
    for (CLASS(name, asynclint_scope)(__VA_ARGS__), *asynclint_done = 0;       \
         !asynclint_done; asynclint_done = (void *)1)                          \
        if (!asynclint_scope)                                                  \
            fail;                                                              \
        else
#define ACQUIRE(name, var) CLASS(name, var)
#define ACQUIRE_ERR(name, var) (*(var) ? 0 : -4)

#define SYSCALL_DEFINE0(name) long sys_##name(void)
#define SYSCALL_DEFINE1(name, t1, a1) long sys_##name(t1 a1)
#define SYSCALL_DEFINE2(name, t1, a1, t2, a2) long sys_##name(t1 a1, t2 a2)
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)                          \
    long sys_##name(t1 a1, t2 a2, t3 a3)
#define SYSCALL_DEFINE4(name, t1, a1, t2, a2, t3, a3, t4, a4)                  \
    long sys_##name(t1 a1, t2 a2, t3 a3, t4 a4)
#define SYSCALL_DEFINE5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)          \
    long sys_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5)
#define SYSCALL_DEFINE6(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)  \
    long sys_##name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6)
