/*
 * C's own headers, when they are missing too (-nostdinc, a kernel).
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define NULL ((void *)0)

#define true 1
#define false 0

#define assert(condition) ((condition) ? (void)0 : abort())
#define g_assert(condition) ((condition) ? (void)0 : abort())
#define g_assert_not_reached() abort()

#define likely(x) (x)
#define unlikely(x) (x)

#define LIKELY(x) (x)
#define UNLIKELY(x) (x)

#define G_LIKELY(x) (x)
#define G_UNLIKELY(x) (x)
