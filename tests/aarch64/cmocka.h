/*
 * As much of cmocka as the runtime's tests use, for a processor that there is
 * no cmocka for: a failed assertion ends the program. See runtime_aarch64.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};

#define cmocka_unit_test(function)                                             \
    {                                                                          \
        .name = #function, .run = function                                     \
    }

static inline void cmocka_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

#define assert_true(is_so)                                                     \
    ((is_so) ? (void)0 : cmocka_fail(__FILE__, __LINE__, #is_so))
#define assert_false(is_so) assert_true(!(is_so))
#define assert_null(pointer) assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_int_equal(left, right)                                          \
    assert_true((uintmax_t)(left) == (uintmax_t)(right))
#define assert_int_not_equal(left, right)                                      \
    assert_true((uintmax_t)(left) != (uintmax_t)(right))
#define assert_ptr_equal(left, right)                                          \
    assert_true((const void *)(left) == (const void *)(right))
#define assert_string_equal(left, right) assert_true(strcmp(left, right) == 0)
#define assert_memory_equal(left, right, size)                                 \
    assert_true(memcmp(left, right, size) == 0)
#define assert_in_range(value, least, most)                                    \
    assert_true((value) >= (least) && (value) <= (most))
#define fail_msg(...)                                                          \
    (fprintf(stderr, __VA_ARGS__), cmocka_fail(__FILE__, __LINE__, "failed"))
#define print_message(...) fprintf(stderr, __VA_ARGS__)
#define skip() return

static inline int cmocka_run(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *state = NULL;

        fprintf(stderr, "%s\n", tests[i].name);
        tests[i].run(&state);
    }
    return 0;
}

#define cmocka_run_group_tests(tests, setup, teardown)                         \
    cmocka_run(tests, sizeof(tests) / sizeof(tests)[0])

#endif
