/*
 * The kernels of the BSDs: whether an allocation may sleep, and allocators
 * that are handed more than those of C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#define M_NOWAIT 0x1
#define M_WAITOK 0x2
#define M_ZERO 0x100
void *malloc(unsigned long, ...);
void *realloc(void *, ...);
void free(void *, ...);

#define MTX_DEF 0x0
#define MTX_SPIN 0x1
#define MTX_RECURSE 0x4
#define MTX_DUPOK 0x20

#define SX_DUPOK 0x1
#define SX_RECURSE 0x8

#define KM_SLEEP 0x0
#define KM_NOSLEEP 0x1

#define PR_WAITOK 0x1
#define PR_NOWAIT 0x2

#define LK_EXCLUSIVE 0x80000
#define LK_RELEASE 0x100000
#define LK_SHARED 0x200000
#define LK_NOWAIT 0x2000
