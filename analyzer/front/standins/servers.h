/*
 * Macros of servers, media and small kernels that return, declare a function or
 * define what runs: without them, what is behind them is not understood. Those
 * that define a variable for a timer or a piece of work say so in a function,
 * which nobody calls, as the macro says it to the linker.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define PJ_DEF(type) type
#define PJ_DECL(type) extern type
#define PJ_SUCCESS 0
#define PJ_ASSERT_RETURN(condition, value)                                     \
    do {                                                                       \
        if (!(condition))                                                      \
            return value;                                                      \
    } while (0)
#define PJ_ASSERT_ON_FAIL(condition, otherwise)                                \
    do {                                                                       \
        if (!(condition))                                                      \
            otherwise;                                                         \
    } while (0)

#define SWITCH_STATUS_SUCCESS 0
#define SWITCH_STATUS_FALSE 1
#define SWITCH_DECLARE(type) type
#define SWITCH_STANDARD_API(name)                                              \
    static int name(const char *cmd, struct asynclint_any *session,            \
                    struct asynclint_any *stream)
#define SWITCH_STANDARD_APP(name)                                              \
    static void name(struct asynclint_any *session, const char *data)

#define APR_SUCCESS 0
#define APR_DECLARE(type) type
#define AP_DECLARE(type) type

#define RT_EOK 0

#define ESP_OK 0
#define ESP_RETURN_ON_ERROR(call, tag, ...)                                    \
    do {                                                                       \
        int asynclint_error = (call);                                          \
        if (asynclint_error != 0)                                              \
            return asynclint_error;                                            \
    } while (0)
#define ESP_RETURN_ON_FALSE(condition, error, tag, ...)                        \
    do {                                                                       \
        if (!(condition))                                                      \
            return error;                                                      \
    } while (0)
#define ESP_GOTO_ON_ERROR(call, label, tag, ...)                               \
    do {                                                                       \
        ret = (call);                                                          \
        if (ret != 0)                                                          \
            goto label;                                                        \
    } while (0)
#define ESP_GOTO_ON_FALSE(condition, error, label, tag, ...)                   \
    do {                                                                       \
        if (!(condition)) {                                                    \
            ret = error;                                                       \
            goto label;                                                        \
        }                                                                      \
    } while (0)

#define G_CALLBACK(function) (function)

#define K_TIMER_DEFINE(name, expiry, stop)                                     \
    extern struct k_timer name;                                                \
    static inline void asynclint_define_##name(void)                           \
    {                                                                          \
        k_timer_init(&name, expiry, 0);                                        \
    }

#define K_WORK_DEFINE(name, handler)                                           \
    extern struct k_work name;                                                 \
    static inline void asynclint_define_##name(void)                           \
    {                                                                          \
        k_work_init(&name, handler);                                           \
    }

#define K_WORK_DELAYABLE_DEFINE(name, handler)                                 \
    extern struct k_work_delayable name;                                       \
    static inline void asynclint_define_##name(void)                           \
    {                                                                          \
        k_work_init_delayable(&name, handler);                                 \
    }

#define K_THREAD_DEFINE(name, size, entry, ...)                                \
    extern struct k_thread name;                                               \
    static inline void asynclint_define_##name(void)                           \
    {                                                                          \
        k_thread_create(&name, 0, size, entry);                                \
    }

#define K_MUTEX_DEFINE(name) extern struct k_mutex name

#define K_SEM_DEFINE(name, initial, limit)                                     \
    extern struct k_sem name;                                                  \
    static inline void asynclint_define_##name(void)                           \
    {                                                                          \
        k_sem_init(&name, initial, limit);                                     \
    }

/* A return out of it keeps the lock. */
#define K_SPINLOCK(lock)                                                       \
    for (int asynclint_in = (k_spin_lock(lock), 1); asynclint_in;              \
         k_spin_unlock(lock, 0), asynclint_in = 0)
#define K_SPINLOCK_BREAK continue

/* Numbers that packs ask for. */
#define APR_THREAD_MUTEX_NESTED 1
#define SYNC_LOCK_RECURSIVE 1
#define BUFFER_LOCK_UNLOCK 0
#define BUFFER_LOCK_SHARE 1
#define BUFFER_LOCK_EXCLUSIVE 2
#define NOWAIT_LOCK 0
#define WAIT_LOCK 1

#define Py_BEGIN_ALLOW_THREADS                                                 \
    {                                                                          \
        PyEval_SaveThread();
#define Py_END_ALLOW_THREADS                                                   \
    PyEval_RestoreThread(0);                                                   \
    }
#define Py_BLOCK_THREADS PyEval_RestoreThread(0);
#define Py_UNBLOCK_THREADS PyEval_SaveThread();

struct asynclint_any *asynclint_of_handle();
#define VK_FROM_HANDLE(type, name, handle)                                     \
    struct asynclint_any *name = asynclint_of_handle(&(handle))

#define WT_DECL_RET int ret = 0
#define WT_RET(a)                                                              \
    do {                                                                       \
        int asynclint_error = (a);                                             \
        if (asynclint_error != 0)                                              \
            return asynclint_error;                                            \
    } while (0)
#define WT_ERR(a)                                                              \
    do {                                                                       \
        if ((ret = (a)) != 0)                                                  \
            goto err;                                                          \
    } while (0)
#define WT_TRET(a)                                                             \
    do {                                                                       \
        int asynclint_error = (a);                                             \
        if (asynclint_error != 0 && ret == 0)                                  \
            ret = asynclint_error;                                             \
    } while (0)
#define WT_RET_MSG(session, error, ...) return (error)
#define WT_ERR_MSG(session, error, ...)                                        \
    do {                                                                       \
        ret = (error);                                                         \
        goto err;                                                              \
    } while (0)

#define SC_SUCCESS 0
