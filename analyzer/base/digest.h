/*
 * What bytes are known by: 128 bits of XXH3. It tells apart what differs by
 * accident; it is no proof against somebody who wants two files to look alike.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ASYNCLINT_BASE_DIGEST_H
#define ASYNCLINT_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
    uint64_t low;
    uint64_t high;
};

struct digest digest_of(const void *bytes, size_t length);

/* Of all bytes of an open file that are behind where it stands; false: they
 * can't be read. */
bool digest_of_file(int fd, struct digest *digest);

/* Of this program: what its linker says of it (its build id), or all its bytes
 * when that says nothing. False: they can't be read. */
bool digest_of_program(struct digest *digest);

bool digest_is_same(struct digest one, struct digest two);

#endif
