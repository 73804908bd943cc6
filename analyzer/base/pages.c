/*
 * See pages.h. Linux knows how since 5.14.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/pages.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(MADV_POPULATE_WRITE)

void pages_want(void *start, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)start + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)start + size) / page * page;

    int saved = errno;

    if (first < end)
        madvise((void *)first, end - first, MADV_POPULATE_WRITE);
    errno = saved;
}

#else

void pages_want(void *start, size_t size)
{
    (void)start;
    (void)size;
}

#endif
