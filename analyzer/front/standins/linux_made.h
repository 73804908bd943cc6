/*
 * The kernel: macros that make guards and locks, and what starts with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/* Guards of a program's own are what its text says. */
#define DEFINE_GUARD(name, type, lock, unlock)                                 \
    typedef type class_##name##_t;                                             \
    static void class_##name##_destructor(class_##name##_t *asynclint_of)      \
    {                                                                          \
        class_##name##_t _T = *asynclint_of;                                   \
        if (_T) {                                                              \
            unlock;                                                            \
        }                                                                      \
    }                                                                          \
    static class_##name##_t class_##name##_constructor(class_##name##_t _T)    \
    {                                                                          \
        lock;                                                                  \
        return _T;                                                             \
    }
#define ASYNCLINT_GUARD_FIELDS(type, ...)                                      \
    struct {                                                                   \
        type *lock;                                                            \
        __VA_ARGS__;                                                           \
    } asynclint_guard, *_T = &asynclint_guard
#define DEFINE_LOCK_GUARD_1(name, type, acquire, release, ...)                 \
    typedef type *class_##name##_t;                                            \
    static void class_##name##_destructor(class_##name##_t *asynclint_of)      \
    {                                                                          \
        ASYNCLINT_GUARD_FIELDS(type, __VA_ARGS__);                             \
        _T->lock = *asynclint_of;                                              \
        if (_T->lock) {                                                        \
            release;                                                           \
        }                                                                      \
    }                                                                          \
    static class_##name##_t class_##name##_constructor(type *asynclint_lock)   \
    {                                                                          \
        ASYNCLINT_GUARD_FIELDS(type, __VA_ARGS__);                             \
        _T->lock = asynclint_lock;                                             \
        acquire;                                                               \
        return asynclint_lock;                                                 \
    }
#define DEFINE_LOCK_GUARD_0(name, acquire, release, ...)                       \
    typedef long class_##name##_t;                                             \
    static void class_##name##_destructor(class_##name##_t *asynclint_of)      \
    {                                                                          \
        ASYNCLINT_GUARD_FIELDS(void, __VA_ARGS__);                             \
        release;                                                               \
    }                                                                          \
    static class_##name##_t class_##name##_constructor(void)                   \
    {                                                                          \
        ASYNCLINT_GUARD_FIELDS(void, __VA_ARGS__);                             \
        acquire;                                                               \
        return 1;                                                              \
    }

/* What is made at once, and what starts with it: a function that a pack knows
 * by the macro's name, which is not expanded in itself. */
#define DEFINE_MUTEX(name) struct mutex name
#define DEFINE_RT_MUTEX(name) struct rt_mutex name
#define DECLARE_RWSEM(name) struct rw_semaphore name
#define DEFINE_SPINLOCK(name) spinlock_t name
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name
#define DEFINE_RWLOCK(name) rwlock_t name
#define DEFINE_SEQLOCK(name) seqlock_t name

#define ASYNCLINT_MADE(macro, type, name, said)                                \
    type name;                                                                 \
    void(macro)();                                                             \
    static void name##_declared(void)                                          \
    {                                                                          \
        (macro)(&name, said);                                                  \
    }
#define ASYNCLINT_SECOND(first, second, ...) second
#define DEFINE_SEMAPHORE(name, ...)                                            \
    ASYNCLINT_MADE(DEFINE_SEMAPHORE, struct semaphore, name,                   \
                   ASYNCLINT_SECOND(0, ##__VA_ARGS__, 1, 1))
#define DECLARE_WORK(name, function, ...)                                      \
    ASYNCLINT_MADE(DECLARE_WORK, struct work_struct, name, function)
#define DECLARE_DELAYED_WORK(name, function, ...)                              \
    ASYNCLINT_MADE(DECLARE_DELAYED_WORK, struct delayed_work, name, function)
#define DECLARE_DEFERRABLE_WORK(name, function, ...)                           \
    ASYNCLINT_MADE(DECLARE_DEFERRABLE_WORK, struct delayed_work, name, function)
#define DEFINE_TIMER(name, function, ...)                                      \
    ASYNCLINT_MADE(DEFINE_TIMER, struct timer_list, name, function)
#define DECLARE_TASKLET(name, function, ...)                                   \
    ASYNCLINT_MADE(DECLARE_TASKLET, struct tasklet_struct, name, function)
#define DECLARE_TASKLET_DISABLED(name, function, ...)                          \
    ASYNCLINT_MADE(DECLARE_TASKLET_DISABLED, struct tasklet_struct, name,      \
                   function)
#define DECLARE_TASKLET_OLD(name, function, ...)                               \
    ASYNCLINT_MADE(DECLARE_TASKLET_OLD, struct tasklet_struct, name, function)
#define DECLARE_TASKLET_DISABLED_OLD(name, function, ...)                      \
    ASYNCLINT_MADE(DECLARE_TASKLET_DISABLED_OLD, struct tasklet_struct, name,  \
                   function)
#define DEFINE_IRQ_WORK(name, function, ...)                                   \
    ASYNCLINT_MADE(DEFINE_IRQ_WORK, struct irq_work, name, function)
/* Attributes, which are shown and stored until they are removed. */
#define DEVICE_ATTR(name, mode, show, store)                                   \
    struct device_attribute dev_attr_##name;                                   \
    void(DEVICE_ATTR)();                                                       \
    static void dev_attr_##name##_declared(void)                               \
    {                                                                          \
        (DEVICE_ATTR)(&dev_attr_##name, show, store);                          \
    }
#define DEVICE_ATTR_RW(name) DEVICE_ATTR(name, 0644, name##_show, name##_store)
#define DEVICE_ATTR_RO(name) DEVICE_ATTR(name, 0444, name##_show, 0)
#define DEVICE_ATTR_WO(name) DEVICE_ATTR(name, 0200, 0, name##_store)

/* Memory for an object: `p = kzalloc_obj(*p)`, with or without flags. */
#define ASYNCLINT_OBJECT(object, ...)                                          \
    ({                                                                         \
        void *__kmalloc_obj();                                                 \
        (__typeof__(object) *)__kmalloc_obj(sizeof(object),                    \
                                            (GFP_KERNEL, ##__VA_ARGS__));      \
    })
#define kmalloc_obj(object, ...) ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kzalloc_obj(object, ...) ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kvmalloc_obj(object, ...) ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kvzalloc_obj(object, ...) ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kmalloc_objs(object, count, ...) ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kzalloc_objs(object, count, ...) ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kvmalloc_objs(object, count, ...)                                      \
    ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kvzalloc_objs(object, count, ...)                                      \
    ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kmalloc_flex(object, array, count, ...)                                \
    ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
#define kzalloc_flex(object, array, count, ...)                                \
    ASYNCLINT_OBJECT(object, ##__VA_ARGS__)
