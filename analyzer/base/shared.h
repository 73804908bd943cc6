/*
 * Memory that a process and the children which it starts afterwards see at
 * the same place: what one of them writes there, pointers and all, the others
 * can read. Whoever writes tells the others when it is done, by an atomic.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_SHARED_H
#define ASYNCLINT_BASE_SHARED_H

#include <stdbool.h>
#include <stddef.h>

struct shared;

/* So many bytes, zeroed, of which those cost memory that are written; NULL
 * when there is no room. Closed in one process, the others still have it. */
struct shared *shared_open(size_t size);
void shared_close(struct shared *shared);

/* The next `size` bytes, aligned for any type, or NULL: all are taken.
 * Nothing is given back one by one. */
void *shared_take(struct shared *shared, size_t size);

/* Whether this process may write to what was taken. It may at first; who
 * forbids it to itself can't damage by mistake what others read. */
void shared_protect(const struct shared *shared, bool can_write);

#endif
