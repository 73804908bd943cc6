/*
 * Every lock with every form of guard: guard, scoped_guard, guard_var, drop,
 * defer and take, adopt, move, and every way out of a scope; and the locks that
 * their init functions make. runtime_guards.c looks at the blocking mutex's and
 * the async mutex's more closely.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rt.h>

static bool async_mutex_is_free(struct async_mutex *lock)
{
    bool is_taken = async_mutex_try_lock(lock);

    if (is_taken)
        async_mutex_unlock(lock);
    return is_taken;
}

static bool blocking_mutex_is_free(struct blocking_mutex *lock)
{
    bool is_taken = blocking_mutex_try_lock(lock);

    if (is_taken)
        blocking_mutex_unlock(lock);
    return is_taken;
}

/* Of readers too. */
static bool async_rwlock_write_is_free(struct async_rwlock *lock)
{
    bool is_taken = async_rwlock_write_try_lock(lock);

    if (is_taken)
        async_rwlock_write_unlock(lock);
    return is_taken;
}

/* Held for reading is not held for writing. */
static bool async_rwlock_read_is_free(struct async_rwlock *lock)
{
    bool is_taken = async_rwlock_read_try_lock(lock);

    assert_true(is_taken);
    async_rwlock_read_unlock(lock);
    return async_rwlock_write_is_free(lock);
}

static bool semaphore_is_free(struct semaphore *semaphore)
{
    return semaphore_available(semaphore) == 1;
}

static void async_rwlock_read_lock_by_hand(struct async_rwlock *lock)
{
    assert_true(async_rwlock_read_try_lock(lock));
}

static void async_rwlock_write_lock_by_hand(struct async_rwlock *lock)
{
    assert_true(async_rwlock_write_try_lock(lock));
}

static void async_mutex_lock_by_hand(struct async_mutex *lock)
{
    assert_true(async_mutex_try_lock(lock));
}

static void blocking_mutex_lock_by_hand(struct blocking_mutex *lock)
{
    assert_true(blocking_mutex_try_lock(lock));
}

static void semaphore_lock_by_hand(struct semaphore *lock)
{
    assert_true(semaphore_try_acquire(lock, 1));
}

/* The names are put together by the guards' macros, and so they are here. */
#define FORMS(NAME, LOCK)                                                      \
    ASYNC static bool NAME##_returns(LOCK *lock)                               \
    {                                                                          \
        await guard(NAME)(lock);                                               \
        return NAME##_is_free(lock);                                           \
    }                                                                          \
                                                                               \
    ASYNC static int NAME##_leaves_loop(LOCK *lock)                            \
    {                                                                          \
        int held = 0;                                                          \
                                                                               \
        for (int i = 0; i < 3; i++) {                                          \
            await guard(NAME)(lock);                                           \
            held += !NAME##_is_free(lock);                                     \
            if (i == 0)                                                        \
                continue;                                                      \
            if (i == 1)                                                        \
                break;                                                         \
        }                                                                      \
        {                                                                      \
            await guard(NAME)(lock);                                           \
            held += !NAME##_is_free(lock);                                     \
            goto out;                                                          \
        }                                                                      \
    out:                                                                       \
        return held;                                                           \
    }                                                                          \
                                                                               \
    ASYNC static int NAME##_scoped(LOCK *lock)                                 \
    {                                                                          \
        int held = 0;                                                          \
                                                                               \
        await scoped_guard(NAME, lock)                                         \
        {                                                                      \
            await rt_yield();                                                  \
            held += !NAME##_is_free(lock);                                     \
        }                                                                      \
        held += NAME##_is_free(lock);                                          \
        await scoped_guard(NAME, lock)                                         \
        {                                                                      \
            held += !NAME##_is_free(lock);                                     \
            break;                                                             \
        }                                                                      \
        return held;                                                           \
    }                                                                          \
                                                                               \
    ASYNC static struct NAME##_guard NAME##_entered(LOCK *lock)                \
    {                                                                          \
        guard_var(NAME, mine) = await NAME##_guard_enter(lock);                \
                                                                               \
        return guard_move(&mine);                                              \
    }                                                                          \
                                                                               \
    ASYNC static void NAME##_handed_on(LOCK *lock)                             \
    {                                                                          \
        guard_var(NAME, outer) = await NAME##_entered(lock);                   \
                                                                               \
        assert_true(outer.held);                                               \
        assert_false(NAME##_is_free(lock));                                    \
        {                                                                      \
            guard_var(NAME, inner) = NAME##_guard_move(&outer);                \
                                                                               \
            assert_true(inner.held);                                           \
            assert_false(outer.held);                                          \
            assert_null(outer.lock);                                           \
            guard_drop(&outer); /* of nothing */                               \
            assert_false(NAME##_is_free(lock));                                \
        }                                                                      \
        assert_true(NAME##_is_free(lock));                                     \
    }                                                                          \
                                                                               \
    ASYNC static void NAME##_dropped(LOCK *lock)                               \
    {                                                                          \
        guard_var(NAME, held) = await NAME##_guard_enter(lock);                \
                                                                               \
        assert_false(NAME##_is_free(lock));                                    \
        guard_drop(&held);                                                     \
        assert_true(NAME##_is_free(lock));                                     \
        NAME##_guard_drop(&held); /* once is enough */                         \
        assert_true(NAME##_is_free(lock));                                     \
        await NAME##_guard_take(&held);                                        \
        assert_false(NAME##_is_free(lock));                                    \
    }                                                                          \
                                                                               \
    ASYNC static void NAME##_not_yet(LOCK *lock)                               \
    {                                                                          \
        guard_var(NAME, later) = NAME##_guard_defer(lock);                     \
        guard_var(NAME, never) = NAME##_guard_defer(lock);                     \
                                                                               \
        assert_true(NAME##_is_free(lock));                                     \
        await NAME##_guard_take(&later);                                       \
        assert_false(NAME##_is_free(lock));                                    \
        assert_false(never.held);                                              \
    }                                                                          \
                                                                               \
    static void NAME##_adopted(LOCK *lock)                                     \
    {                                                                          \
        guard_var(NAME, foundling) = NAME##_guard_defer(lock);                 \
                                                                               \
        NAME##_lock_by_hand(lock);                                             \
        foundling = NAME##_guard_adopt(lock);                                  \
        assert_true(foundling.held);                                           \
    }                                                                          \
                                                                               \
    ASYNC static void NAME##_forms(LOCK *lock)                                 \
    {                                                                          \
        assert_false(await NAME##_returns(lock));                              \
        assert_true(NAME##_is_free(lock));                                     \
        assert_int_equal(await NAME##_leaves_loop(lock), 3);                   \
        assert_true(NAME##_is_free(lock));                                     \
        assert_int_equal(await NAME##_scoped(lock), 3);                        \
        assert_true(NAME##_is_free(lock));                                     \
        await NAME##_handed_on(lock);                                          \
        await NAME##_dropped(lock);                                            \
        assert_true(NAME##_is_free(lock));                                     \
        await NAME##_not_yet(lock);                                            \
        assert_true(NAME##_is_free(lock));                                     \
        NAME##_adopted(lock);                                                  \
        assert_true(NAME##_is_free(lock));                                     \
    }

FORMS(async_mutex, struct async_mutex)
FORMS(async_rwlock_read, struct async_rwlock)
FORMS(async_rwlock_write, struct async_rwlock)
FORMS(semaphore, struct semaphore)
FORMS(blocking_mutex, struct blocking_mutex)

/* What its init function makes of memory that was something else. */
static union {
    struct async_mutex mutex;
    struct async_rwlock rwlock;
    struct semaphore semaphore;
    struct blocking_mutex blocking;
    struct async_condvar condvar;
    struct blocking_condvar blocking_condvar;
    struct notify notify;
    struct oneshot oneshot;
} any;

static void *used_memory(void)
{
    memset(&any, 0xa5, sizeof any);
    return &any;
}

ASYNC static void *locks_run(void *unused)
{
    (void)unused;
    async_mutex_init(used_memory());
    await async_mutex_forms(&any.mutex);
    async_mutex_destroy(&any.mutex);

    async_rwlock_init(used_memory());
    await async_rwlock_read_forms(&any.rwlock);
    await async_rwlock_write_forms(&any.rwlock);
    async_rwlock_destroy(&any.rwlock);

    semaphore_init(used_memory(), 1);
    await semaphore_forms(&any.semaphore);
    semaphore_destroy(&any.semaphore);
    return NULL;
}

static void *blocking_run(void *unused)
{
    (void)unused;
    blocking_mutex_init(used_memory());
    blocking_mutex_forms(&any.blocking);
    blocking_mutex_destroy(&any.blocking);
    return NULL;
}

/* rt_yield in blocking_mutex_scoped suspends, which the watchdog would report:
 * here a blocking lock is held across an await on purpose, with nobody else. */
static const struct rt_config unwatched = {.watchdog_ms = RT_WATCHDOG_OFF};

static void test_each_lock_in_each_form(void **state)
{
    (void)state;
    assert_int_equal(rt_block_on(NULL, locks_run, NULL), 0);
    assert_int_equal(rt_block_on(&unwatched, blocking_run, NULL), 0);
}

/* The others that have an init function, each used once. */
ASYNC static void *others_run(void *unused)
{
    struct async_mutex mutex = ASYNC_MUTEX_INIT;
    struct blocking_mutex blocking = BLOCKING_MUTEX_INIT;
    void *value = NULL;

    (void)unused;
    async_condvar_init(used_memory());
    async_condvar_notify_all(&any.condvar);
    await async_mutex_lock(&mutex);
    assert_int_equal(
        await async_condvar_wait_timeout_ms(&any.condvar, &mutex, 1),
        -ETIMEDOUT);
    async_mutex_unlock(&mutex);
    async_condvar_destroy(&any.condvar);

    blocking_condvar_init(used_memory());
    blocking_mutex_lock(&blocking);
    assert_int_equal(
        blocking_condvar_wait_timeout_ms(&any.blocking_condvar, &blocking, 1),
        -ETIMEDOUT);
    blocking_mutex_unlock(&blocking);
    blocking_condvar_destroy(&any.blocking_condvar);

    notify_init(used_memory());
    notify_one(&any.notify);
    assert_int_equal(await notify_wait(&any.notify), 0);
    assert_int_equal(await notify_wait_timeout_ms(&any.notify, 0), -ETIMEDOUT);
    notify_destroy(&any.notify);

    oneshot_init(used_memory());
    assert_int_equal(oneshot_send(&any.oneshot, &mutex), 0);
    assert_int_equal(await oneshot_receive(&any.oneshot, &value), 0);
    assert_ptr_equal(value, &mutex);
    return NULL;
}

static void test_what_init_makes(void **state)
{
    (void)state;
    assert_int_equal(rt_block_on(&unwatched, others_run, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_lock_in_each_form),
        cmocka_unit_test(test_what_init_makes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
