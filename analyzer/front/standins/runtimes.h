/*
 * Guards of QEMU, FRR and Asterisk that are variables, or blocks that are loops
 * in hiding, and handlers that a macro defines. What the guards do is for packs
 * to say, by the macros' names. ERROR and what is above it are PostgreSQL's
 * levels of messages; elsewhere, numbers that are not 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define ASYNCLINT_NAME_(a, b) a##b
#define ASYNCLINT_NAME(a, b) ASYNCLINT_NAME_(a, b)
struct asynclint_guard {
    void *lock;
};
void asynclint_guard_end(struct asynclint_guard *);
#define ASYNCLINT_GUARD(lock)                                                  \
    struct asynclint_guard ASYNCLINT_NAME(asynclint_guard_, __COUNTER__)       \
        __attribute__((cleanup(asynclint_guard_end))) = {(void *)(lock)}
#define QEMU_LOCK_GUARD(lock) ASYNCLINT_GUARD(lock)
#define QEMU_LOCKABLE_GUARD(lock) ASYNCLINT_GUARD(lock)
#define JOB_LOCK_GUARD() ASYNCLINT_GUARD(0)
#define BQL_LOCK_GUARD() ASYNCLINT_GUARD(0)
#define QEMU_IOTHREAD_LOCK_GUARD() ASYNCLINT_GUARD(0)
#define RCU_READ_LOCK_GUARD() ASYNCLINT_GUARD(0)
#define GRAPH_RDLOCK_GUARD() ASYNCLINT_GUARD(0)
#define GRAPH_RDLOCK_GUARD_MAINLOOP() ASYNCLINT_GUARD(0)
#define frr_mutex_lock_autounlock(lock) ASYNCLINT_GUARD(lock)
#define SCOPED_MUTEX(name, lock) ASYNCLINT_GUARD(lock)
#define SCOPED_RDLOCK(name, lock) ASYNCLINT_GUARD(lock)
#define SCOPED_WRLOCK(name, lock) ASYNCLINT_GUARD(lock)
#define SCOPED_AO2LOCK(name, lock) ASYNCLINT_GUARD(lock)
#define SCOPED_AO2RDLOCK(name, lock) ASYNCLINT_GUARD(lock)
#define SCOPED_AO2WRLOCK(name, lock) ASYNCLINT_GUARD(lock)
#define SCOPED_CHANNELLOCK(name, lock) ASYNCLINT_GUARD(lock)
#define ASYNCLINT_BLOCK_(guard, lock)                                          \
    for (struct asynclint_guard guard                                          \
         __attribute__((cleanup(asynclint_guard_end))) = {(void *)(lock)},     \
         *guard##_once = 0;                                                    \
         !guard##_once; guard##_once = (void *)1)
#define ASYNCLINT_BLOCK_NAMED(name, lock) ASYNCLINT_BLOCK_(name, lock)
#define ASYNCLINT_BLOCK(lock)                                                  \
    ASYNCLINT_BLOCK_NAMED(ASYNCLINT_NAME(asynclint_block_, __COUNTER__), lock)
#define WITH_QEMU_LOCK_GUARD(lock) ASYNCLINT_BLOCK(lock)
#define WITH_JOB_LOCK_GUARD() ASYNCLINT_BLOCK(0)
#define WITH_RCU_READ_LOCK_GUARD() ASYNCLINT_BLOCK(0)
#define frr_with_mutex(...) ASYNCLINT_BLOCK(0)

#define AIO_WAIT_WHILE(context, condition)                                     \
    do {                                                                       \
        while (condition)                                                      \
            asynclint_poll(context);                                           \
    } while (0)
#define AIO_WAIT_WHILE_UNLOCKED(context, condition)                            \
    do {                                                                       \
        while (condition)                                                      \
            asynclint_poll(context);                                           \
    } while (0)
#define BDRV_POLL_WHILE(bs, condition)                                         \
    do {                                                                       \
        while (condition)                                                      \
            asynclint_poll(bs);                                                \
    } while (0)

#define G_GNUC_UNUSED

#define G_GNUC_WARN_UNUSED_RESULT

#define g_autofree

void asynclint_unref(void *variable);
#define g_autoptr(type) __attribute__((cleanup(asynclint_unref))) type *

void asynclint_unref(void *variable);
#define g_auto(type) __attribute__((cleanup(asynclint_unref))) type

#define LWAN_HANDLER(name)                                                     \
    int lwan_handler_##name(struct asynclint_any *request,                     \
                            struct asynclint_any *response, void *data)
#define LWAN_HANDLER_ROUTE(name, route)                                        \
    int lwan_handler_##name(struct asynclint_any *request,                     \
                            struct asynclint_any *response, void *data)

#define pdTRUE 1
#define pdFALSE 0
#define pdPASS 1
#define pdFAIL 0

#define ERROR 21

#define FATAL 22

#define PANIC 23

#define NT_STATUS_IS_OK(status) ((status) == 0)
#define NT_STATUS_IS_ERR(status) ((status) != 0)
#define NT_STATUS_OK 0
#define W_ERROR_IS_OK(status) ((status) == 0)

#define g_return_if_fail(condition)                                            \
    do {                                                                       \
        if (!(condition))                                                      \
            return;                                                            \
    } while (0)
#define g_return_val_if_fail(condition, value)                                 \
    do {                                                                       \
        if (!(condition))                                                      \
            return (value);                                                    \
    } while (0)

#define G_LOCK_DEFINE_STATIC(name) static int g__##name##_lock
#define G_LOCK_DEFINE(name) int g__##name##_lock
#define G_LOCK_EXTERN(name) extern int g__##name##_lock
#define G_LOCK(name) g_mutex_lock(&g__##name##_lock)
#define G_UNLOCK(name) g_mutex_unlock(&g__##name##_lock)
#define G_TRYLOCK(name) g_mutex_trylock(&g__##name##_lock)
