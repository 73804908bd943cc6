/*
 * The mistakes in examples/mistakes.c, by the rules that find them, both in
 * their text and at run time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SUPPORT_MISTAKES_H
#define TESTS_SUPPORT_MISTAKES_H

static const char *const mistakes[] = {
    "blocking-lock-across-await", "self-deadlock",         "lock-leak",
    "blocking-call-in-async",     "condvar-wait-in-async", "block-on-in-async",
    "async-lock-across-await",    "arc-not-cloned",
};

#endif
