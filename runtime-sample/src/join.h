/*
 * The waiter's half of a join handle, for who waits otherwise than rt_join.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_JOIN_H
#define RT_JOIN_H

#include <stdbool.h>

#include "task.h"
#include "wait.h"

bool rt_handle_is_finished(struct rt_join_handle *handle);

/* Of a finished one: gives the caller's share up. 0 or -ECANCELED. */
int rt_handle_consume(struct rt_join_handle *handle, void **result);

#endif
