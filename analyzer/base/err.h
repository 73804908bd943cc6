/*
 * Errors come in three kinds with three spellings. The input is wrong:
 * `return err_set(err, "…")`, which goes up while other units go on. We are
 * wrong: `assert` or `BUG`. The machine is out of something: `die`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_ERR_H
#define ASYNCLINT_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

/* One sentence for the user: lower case, no full stop. Caller's storage,
 * zeroed; holds its text itself, so that no error path can leak. */
struct err {
    bool is_set;
    char text[1024]; /* longer sentences are cut: nobody reads them */
};

/* Keeps the first sentence set, which is the nearest to the cause. Returns
 * false, so that `return err_set(…)` is the whole error path. */
bool err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " before the sentence that is set. Returns false. */
bool err_within(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The machine is out of something: says so and ends with exit status 2. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* We are wrong: says where, and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
