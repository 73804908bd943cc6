/*
 * What each program of this folder tells main.c. It is named after a rule,
 * includes that rule's EXAMPLE as it stands, and runs its functions in tasks
 * among which the mistake shows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <rt.h>

/* A bad one may run for ever. Longer than any limit of the watchdog, and than
 * the patience of the test. */
#define ORACLE_FOREVER_MS 5000

/* Threads that run tasks. Where the mistake is that a thread stops, one. */
extern const int oracle_workers;

/* The first task of `oracle_RULE bad`, and that of `oracle_RULE good`: the same
 * but for the function that is called. */
rt_task_fn oracle_bad;
rt_task_fn oracle_good;

/* entry(NULL) in two tasks at a time, to their end. */
ASYNC void oracle_two_run(rt_task_fn *entry);

#endif
