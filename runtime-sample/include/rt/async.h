/*
 * The two words of the runtime: ASYNC marks what may suspend, await marks
 * where.
 *
 * Suspending means: the task gives its worker thread back and goes on later,
 * perhaps on another thread. What is true of the thread (errno, thread-locals,
 * the owner of a pthread mutex) is therefore not true of the task after it.
 *
 *     ASYNC static int relay(struct rt_tcp_stream from,
 *                            struct rt_tcp_stream to);
 *     ...
 *     int status = await relay(left, right);
 *
 * ASYNC also stands on struct fields and typedefs that are function pointers:
 *
 *     struct transport { ASYNC int (*flush)(struct transport *self); };
 *
 * An ASYNC function may be called inside a task only, unless its manual says
 * otherwise.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RT_ASYNC_H
#define RT_ASYNC_H

/* Only clang keeps the annotation, and only asynclint reads it. */
#ifdef __clang__
#define ASYNC __attribute__((annotate("asynclint::async")))
#else
#define ASYNC
#endif

/* A word for the reader and for the linter. It may stand before any call or
 * declaration, `await guard(async_mutex)(&m);` too. */
#define await

#endif
