/*
 * Guards: held while the scope lives, released on every way out of it, and
 * only once.
 *
 * The blocking mutex's guards are tested on this thread, the async mutex's in
 * a task. A lock is free when try_lock gets it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rt.h>

static bool is_free(struct blocking_mutex *mutex)
{
    bool is_taken = blocking_mutex_try_lock(mutex);

    if (is_taken)
        blocking_mutex_unlock(mutex);
    return is_taken;
}

static bool async_is_free(struct async_mutex *mutex)
{
    bool is_taken = async_mutex_try_lock(mutex);

    if (is_taken)
        async_mutex_unlock(mutex);
    return is_taken;
}

static bool returns_inside(struct blocking_mutex *mutex)
{
    guard(blocking_mutex)(mutex);
    return is_free(mutex);
}

static void test_return(void **state)
{
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;

    (void)state;
    assert_false(returns_inside(&mutex));
    assert_true(is_free(&mutex));
}

static void test_break_and_continue(void **state)
{
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;
    int held = 0;

    (void)state;
    for (int i = 0; i < 4; i++) {
        guard(blocking_mutex)(&mutex);
        held += !is_free(&mutex);
        if (i == 1)
            continue;
        if (i == 3)
            break;
    }
    assert_int_equal(held, 4);
    assert_true(is_free(&mutex));
}

static bool goes_out(struct blocking_mutex *mutex)
{
    {
        guard(blocking_mutex)(mutex);
        if (!is_free(mutex))
            goto out;
    }
    return false;
out:
    return is_free(mutex);
}

static void test_goto(void **state)
{
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;

    (void)state;
    assert_true(goes_out(&mutex));
}

static void test_scoped(void **state)
{
    struct blocking_mutex outer = BLOCKING_MUTEX_INIT;
    struct blocking_mutex inner = BLOCKING_MUTEX_INIT;
    int runs = 0;

    (void)state;
    scoped_guard(blocking_mutex, &outer) {
        scoped_guard(blocking_mutex, &inner) {
            runs++;
            assert_false(is_free(&outer));
            assert_false(is_free(&inner));
        }
        assert_true(is_free(&inner));
        assert_false(is_free(&outer));
        break; /* leaves the block, as the manual says */
    }
    assert_int_equal(runs, 1);
    assert_true(is_free(&outer));
}

static void test_drop(void **state)
{
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;

    (void)state;
    {
        guard_var(blocking_mutex, held) = blocking_mutex_guard_enter(&mutex);

        assert_false(is_free(&mutex));
        guard_drop(&held);
        assert_true(is_free(&mutex));
        guard_drop(&held);
        blocking_mutex_lock(&mutex); /* must survive the guard's cleanup */
    }
    assert_false(is_free(&mutex));
    blocking_mutex_unlock(&mutex);
}

static void test_defer_and_take(void **state)
{
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;

    (void)state;
    {
        guard_var(blocking_mutex, later) = blocking_mutex_guard_defer(&mutex);

        assert_true(is_free(&mutex));
        blocking_mutex_guard_take(&later);
        assert_false(is_free(&mutex));
    }
    assert_true(is_free(&mutex));
    {
        guard_var(blocking_mutex, never) = blocking_mutex_guard_defer(&mutex);

        assert_false(never.held);
    }
    assert_true(is_free(&mutex));
}

static struct blocking_mutex_guard entered(struct blocking_mutex *mutex)
{
    guard_var(blocking_mutex, held) = blocking_mutex_guard_enter(mutex);

    return blocking_mutex_guard_move(&held);
}

static void test_move(void **state)
{
    struct blocking_mutex mutex = BLOCKING_MUTEX_INIT;

    (void)state;
    {
        guard_var(blocking_mutex, outer) = entered(&mutex);

        assert_false(is_free(&mutex));
        {
            guard_var(blocking_mutex, inner) =
                blocking_mutex_guard_move(&outer);

            assert_false(outer.held);
            assert_true(inner.held);
        }
        assert_true(is_free(&mutex));
    }
    assert_true(is_free(&mutex));
}

/* What the task saw, in the order of the steps. */
struct async_steps {
    struct async_mutex mutex;
    bool free_at[8];
    int runs;
};

ASYNC static struct async_mutex_guard async_entered(struct async_mutex *mutex)
{
    guard_var(async_mutex, held) = await async_mutex_guard_enter(mutex);

    return async_mutex_guard_move(&held);
}

ASYNC static void async_steps_inner(struct async_steps *steps)
{
    await guard(async_mutex)(&steps->mutex);
    await rt_yield();
    steps->free_at[0] = async_is_free(&steps->mutex);
}

ASYNC static void *async_steps_run(void *arg)
{
    struct async_steps *steps = arg;

    await async_steps_inner(steps);
    steps->free_at[1] = async_is_free(&steps->mutex);
    await scoped_guard(async_mutex, &steps->mutex)
    {
        steps->free_at[2] = async_is_free(&steps->mutex);
        steps->runs++;
    }
    {
        guard_var(async_mutex, held) = await async_entered(&steps->mutex);

        steps->free_at[3] = async_is_free(&steps->mutex);
        guard_drop(&held);
        steps->free_at[4] = async_is_free(&steps->mutex);
        await async_mutex_guard_take(&held);
        steps->free_at[5] = async_is_free(&steps->mutex);
    }
    {
        guard_var(async_mutex, never) = async_mutex_guard_defer(&steps->mutex);

        steps->free_at[6] = async_is_free(&steps->mutex) && !never.held;
    }
    steps->free_at[7] = async_is_free(&steps->mutex);
    return NULL;
}

static void test_async_guards(void **state)
{
    static const bool expected[8] = {false, true,  false, false,
                                     true,  false, true,  true};
    struct async_steps steps = {.mutex = ASYNC_MUTEX_INIT};

    (void)state;
    assert_int_equal(rt_block_on(NULL, async_steps_run, &steps), 0);
    assert_int_equal(steps.runs, 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(steps.free_at[i], expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_return),
        cmocka_unit_test(test_break_and_continue),
        cmocka_unit_test(test_goto),
        cmocka_unit_test(test_scoped),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_defer_and_take),
        cmocka_unit_test(test_move),
        cmocka_unit_test(test_async_guards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
