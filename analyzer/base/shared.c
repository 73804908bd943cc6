/*
 * A page for what is counted, and a mapping behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/shared.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

struct shared {
    size_t size; /* with the page that this is in */
    size_t page;
    atomic_size_t used;
};

struct shared *shared_open(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct shared *shared;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = page + (size + page - 1) / page * page;
    shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED)
        return NULL;
    shared->size = size;
    shared->page = page;
    atomic_init(&shared->used, page);
    return shared;
}

void shared_close(struct shared *shared)
{
    if (shared)
        munmap(shared, shared->size);
}

void *shared_take(struct shared *shared, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    size_t at = atomic_load(&shared->used);
    size_t need;

    if (size > shared->size)
        return NULL;
    need = (size + align - 1) / align * align;
    do {
        if (need > shared->size - at)
            return NULL;
    } while (!atomic_compare_exchange_weak(&shared->used, &at, at + need));
    return (unsigned char *)shared + at;
}

void shared_protect(const struct shared *shared, bool can_write)
{
    mprotect((unsigned char *)shared + shared->page,
             shared->size - shared->page,
             can_write ? PROT_READ | PROT_WRITE : PROT_READ);
}
